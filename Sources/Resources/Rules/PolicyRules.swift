internal import Diagnostics

/// Rules for the values of AuthorizationPolicies (istio pkg/config/security).
enum PolicyRule {
  static let mostServiceAccounts = 16
  private static let longestServiceAccount = 320

  /// A number from 0 to 65535 in digits.
  static func port(_ text: String) -> Finding? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
      number <= 65535
    else { return .badPolicyPort(text) }
    return nil
  }

  /// One `*`, at the beginning or at the end, or none.
  static func wildcard(_ text: String) -> Finding? {
    let stars = text.utf8.count { $0 == UInt8(ascii: "*") }
    if stars == 0 || (stars == 1 && (text.hasPrefix("*") || text.hasSuffix("*"))) { return nil }
    return .misplacedWildcard(text)
  }

  static func trustDomain(_ text: String) -> Finding? {
    wildcard(text) ?? (text.contains("/") ? .badTrustDomain(text) : nil)
  }

  /// `name` or `namespace/name`.
  static func serviceAccount(_ text: String) -> Finding? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard !text.contains("*"), parts.count <= 2, !parts.contains(""),
      text.utf8.count <= longestServiceAccount
    else { return .badServiceAccount(text) }
    return nil
  }

  /// In a template, `{*}` and `{**}` are whole segments, none of them after `{**}`, and the rest is as
  /// RFC 3986 has segments. Elsewhere there are no braces.
  static func path(_ text: String) -> Finding? {
    let isTemplate = PathPattern.isTemplate(text)
    let slash = UInt8(ascii: "/")
    let trimmed = text.utf8.drop { $0 == slash }
    let end = trimmed.lastIndex { $0 != slash }.map { trimmed.index(after: $0) }
    let segments = trimmed[..<(end ?? trimmed.startIndex)].split(
      separator: slash, omittingEmptySubsequences: false)
    var isOpenEnded = false
    for segment in segments {
      let isRest = segment.elementsEqual("{**}".utf8)
      if isRest || segment.elementsEqual("{*}".utf8) {
        if isOpenEnded { return .pathTemplateGoesOn(text) }
        isOpenEnded = isRest
      } else if segment.contains(where: { "{}".utf8.contains($0) })
        || (isTemplate && !isLiteral(segment))
      {
        return .badPathTemplate(text)
      }
    }
    if case .unusableTemplate = PathPattern(text) { return .unusablePathTemplate(text) }
    return nil
  }

  private static func isLiteral(_ segment: Substring.UTF8View) -> Bool {
    !segment.isEmpty
      && segment.allSatisfy { isAlphanumeric($0) || "-._~%!$&'()+,;:@=".utf8.contains($0) }
  }
}
