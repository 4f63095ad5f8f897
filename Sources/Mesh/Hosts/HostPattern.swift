internal import Resources

/// A host as Gateways, VirtualServices and DestinationRules name it: `shop.example.com`, or with a `*`
/// at its beginning for every host that ends as the rest does.
///
/// The rules are istiod's (`pkg/config/host/name.go`): `*.example.com` does not cover `example.com`,
/// and letters are compared as written.
package struct HostPattern: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  package init(_ text: String) { self.text = text }

  package var description: String { text }
  package var isWildcard: Bool { text.utf8.first == UInt8(ascii: "*") }

  /// Every host this stands for is one that `other` stands for.
  package func isCovered(by other: HostPattern) -> Bool {
    guard other.isWildcard else { return text == other.text }
    if isWildcard && text.utf8.count < other.text.utf8.count { return false }
    return ends(like: other)
  }

  /// Some host is meant by both.
  package func overlaps(_ other: HostPattern) -> Bool {
    isCovered(by: other) || other.isCovered(by: self)
  }

  /// The text ends with what stands behind the other's `*`.
  private func ends(like wildcard: HostPattern) -> Bool {
    let length = wildcard.text.utf8.count - 1
    return text.utf8.count >= length
      && text.utf8.suffix(length).elementsEqual(wildcard.text.utf8.dropFirst())
  }
}

extension [HostPattern] {
  /// The hosts that both lists mean: of each pair the narrower, in this list's order and then the
  /// other's, each once.
  package func intersection(_ other: [HostPattern]) -> [HostPattern] {
    var found: [HostPattern] = []
    for mine in self {
      for theirs in other {
        let narrower = mine.isCovered(by: theirs) ? mine : theirs
        guard narrower == mine || theirs.isCovered(by: mine) else { continue }
        if !found.contains(narrower) { found.append(narrower) }
      }
    }
    return found
  }
}

extension [ServerHost] {
  /// The hosts that are for VirtualServices of `namespace`.
  package func patterns(for namespace: String) -> [HostPattern] {
    compactMap { host in
      host.namespace == nil || host.namespace == namespace ? HostPattern(host.host) : nil
    }
  }
}

/// Names of services.
package enum ServiceHost {
  /// A name without a dot is that of a service of `namespace`; any other, an address or `*` stays
  /// as it is.
  package static func completed(
    _ host: String, in namespace: String, domain: String
  ) -> String {
    let isComplete =
      host.isEmpty || host == "*"
      || host.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
    return isComplete ? host : "\(host).\(namespace).svc.\(domain)"
  }
}
