private import CRE2
internal import Diagnostics

/// What is wrong with a regular expression, asked of RE2, whose dialect Envoy reads.
///
/// Longer ones than 1024 bytes are refused as istiod does: their program could be larger than Envoy
/// allows.
func regexFinding(_ pattern: String) -> Finding? {
  if pattern.isEmpty { return .emptyRegex() }
  if pattern.utf8.count > 1024 { return .longRegex(length: pattern.utf8.count) }
  var message = [CChar](repeating: 0, count: 256)
  let compiles = unsafe fairlead_re2_compiles(
    pattern, pattern.utf8.count, &message, message.count)
  if compiles != 0 { return nil }
  let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return .badRegex(pattern, error: String(decoding: text, as: UTF8.self))
}

extension EnvoyFilter.VersionMatch {
  /// Whether a proxy that says this of its version is meant; one that says nothing never is.
  package func includes(_ version: String?) -> Bool {
    guard case .expression(let pattern) = self, let version, !version.isEmpty else { return false }
    return unsafe fairlead_re2_finds(
      pattern, pattern.utf8.count, version, version.utf8.count) != 0
  }
}
