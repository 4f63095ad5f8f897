private import CRE2
internal import Diagnostics

/// What is wrong with a regular expression, asked of RE2, whose dialect Envoy reads.
///
/// Longer ones than 1024 bytes are refused as istiod does: their program could be larger than Envoy
/// allows.
func regexFinding(_ pattern: String) -> Finding? {
  if pattern.isEmpty { return .emptyRegex() }
  if pattern.utf8.count > 1024 { return .longRegex(length: pattern.utf8.count) }
  guard let text = commonDialect(pattern) else {
    return .badRegex(pattern, error: #"invalid escape sequence: \C"#)
  }
  var message = [CChar](repeating: 0, count: 256)
  let compiles = unsafe fairlead_re2_compiles(text, text.utf8.count, &message, message.count)
  if compiles != 0 { return nil }
  let error = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return .badRegex(pattern, error: String(decoding: error, as: UTF8.self))
}

extension EnvoyFilter.VersionMatch {
  /// Whether a proxy that says this of its version is meant; one that says nothing never is.
  package func includes(_ version: String?) -> Bool {
    guard case .expression(let text) = self, let pattern = commonDialect(text), let version,
      !version.isEmpty
    else { return false }
    return unsafe fairlead_re2_finds(
      pattern, pattern.utf8.count, version, version.utf8.count) != 0
  }
}

/// The pattern in words that every RE2 knows: newer ones, Envoy's and Go's regexp among them, take
/// `(?<name>…)` for `(?P<name>…)`. Nil for one with `\C`, which Go does not have.
private func commonDialect(_ pattern: String) -> String? {
  var rest = Array(pattern.utf8)[...]
  var common: [UInt8] = []
  var isInClass = false
  func take(_ count: Int) {
    common += rest.prefix(count)
    rest = rest.dropFirst(count)
  }
  while let byte = rest.first {
    switch byte {
    case UInt8(ascii: "\\"):
      let escaped = rest.dropFirst().first
      if escaped == UInt8(ascii: "C") { return nil }
      if escaped == UInt8(ascii: "Q"), !isInClass {
        // Everything is itself up to `\E`.
        let end = rest.indices.first { rest[$0...].starts(with: #"\E"#.utf8) }
        take(end.map { rest.distance(from: rest.startIndex, to: $0) } ?? rest.count)
      }
      take(2)
    case UInt8(ascii: "["):
      // A bracket at the beginning of a class is one of it.
      let start = [#"[^]"#, "[]"].first { !isInClass && rest.starts(with: $0.utf8) }
      isInClass = true
      take(start?.utf8.count ?? 1)
    case UInt8(ascii: "]"):
      isInClass = false
      take(1)
    case UInt8(ascii: "("):
      take(1)
      guard !isInClass, rest.starts(with: "?<".utf8),
        let next = rest.dropFirst(2).first, isAlphanumeric(next) || next == UInt8(ascii: "_")
      else { continue }
      common += "?P".utf8
      rest = rest.dropFirst()
    default: take(1)
    }
  }
  return String(decoding: common, as: UTF8.self)
}
