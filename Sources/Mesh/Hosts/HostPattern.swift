internal import Resources
internal import Store

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
  /// Most are written in small letters, and are themselves.
  package var lowercased: String { text.isLowercaseASCII ? text : text.lowercased() }

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

  /// The hosts that both mean, which are those of one of them; nil for none.
  func narrower(_ other: HostPattern) -> HostPattern? {
    if text == other.text { return self }
    guard isWildcard || other.isWildcard else { return nil }
    return isCovered(by: other) ? self : other.isCovered(by: self) ? other : nil
  }

  /// The text ends with what stands behind the other's `*`.
  private func ends(like wildcard: HostPattern) -> Bool {
    let length = wildcard.text.utf8.count - 1
    return text.utf8.count >= length
      && text.utf8.suffix(length).elementsEqual(wildcard.text.utf8.dropFirst())
  }
}

extension [ServerHost] {
  /// The hosts that a server and a VirtualService both mean: of each pair the narrower, in the server's
  /// order and then the VirtualService's, each once.
  package func shared(with virtualService: VirtualServiceScope) -> [HostPattern] {
    if isSame(as: virtualService) { return virtualService.hosts }
    var found: [HostPattern] = []
    for host in self
    where host.namespace == nil || host.namespace == virtualService.id.namespace {
      let mine = HostPattern(host.host)
      for theirs in virtualService.hosts {
        guard let both = mine.narrower(theirs), !found.contains(both) else { continue }
        found.append(both)
      }
    }
    return found
  }

  /// The very hosts of a VirtualService, as is usual: then no pairs are to be tried.
  package func isSame(as virtualService: VirtualServiceScope) -> Bool {
    virtualService.areDistinct && count == virtualService.hosts.count
      && indices.allSatisfy { index in
        self[index].host == virtualService.hosts[index].text
          && (self[index].namespace.map { $0 == virtualService.id.namespace } ?? true)
      }
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
    isComplete(host) ? host : "\(host).\(namespace).svc.\(domain)"
  }

  static func isComplete(_ host: String) -> Bool {
    host.isEmpty || host == "*"
      || host.has(UInt8(ascii: ".")) || host.has(UInt8(ascii: ":"))
  }

  /// What a Kubernetes Service is called.
  static func kubernetes(_ id: NamespacedName, domain: String) -> String {
    "\(id.name).\(id.namespace).svc.\(domain)"
  }
}
