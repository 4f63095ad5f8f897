/// The mesh's trust domain and the others that count as the same one: an identity in one of them is
/// that identity in all (istiod's `pilot/pkg/security/trustdomain`).
package struct TrustDomains: Hashable, Sendable {
  /// The mesh's own first.
  package let names: [String]

  package init(_ mesh: MeshConfig) {
    names = [mesh.trustDomain] + mesh.trustDomainAliases
  }

  package init(_ names: [String]) {
    self.names = names
  }

  /// The principals with each that is in one of the domains replaced by its namesakes in all of them.
  /// `cluster.local` is always the mesh's own domain.
  package func expanding(principals: [TextPattern]) -> [TextPattern] {
    principals.flatMap { principal -> [TextPattern] in
      let text = principal.text
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 5, parts[0] != "*" else { return [principal] }
      let domain = String(parts[0])
      guard domain == "cluster.local" || names.contains(where: { Self.fit(domain, $0) }) else {
        return [principal]
      }
      let rest = text.dropFirst(domain.count)
      return names.map { name in
        Self.hasSuffix(name, matching: domain) ? principal : TextPattern(name + rest)
      }.unique
    }
  }

  /// The domains with each that is one of the mesh's replaced by all of them, none twice.
  package func expanding(domains: [TextPattern]) -> [TextPattern] {
    domains.flatMap { domain in
      names.contains(domain.text) ? names.map(TextPattern.init) : [domain]
    }.unique
  }

  /// Whether two names are the same or one is a pattern that the other matches.
  private static func fit(_ a: String, _ b: String) -> Bool {
    a == b || hasPrefix(a, matching: b) || hasPrefix(b, matching: a) || hasSuffix(a, matching: b)
      || hasSuffix(b, matching: a)
  }

  private static func hasPrefix(_ text: String, matching pattern: String) -> Bool {
    pattern.hasSuffix("*") && text.hasPrefix(pattern.dropLast())
  }

  private static func hasSuffix(_ text: String, matching pattern: String) -> Bool {
    pattern.hasPrefix("*") && text.hasSuffix(pattern.dropFirst())
  }
}

extension [TextPattern] {
  fileprivate var unique: [TextPattern] {
    var seen: Set<TextPattern> = []
    return filter { seen.insert($0).inserted }
  }
}
