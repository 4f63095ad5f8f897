internal import Mesh

/// A gateway's listener: an address and a port, named as istiod does.
package struct ListenerName: Hashable, Comparable, Sendable {
  /// The bind of its servers, else all addresses of the proxies' family.
  package let address: String
  package let port: Int

  /// `0.0.0.0_8080`.
  package var text: String { "\(address)_\(port)" }

  package static func < (a: Self, b: Self) -> Bool { (a.port, a.address) < (b.port, b.address) }

  init(_ entry: MergedGateway.Entry, of proxies: ProxyClass) {
    address = entry.bind ?? proxies.traits.wildcardAddress
    port = entry.port
  }
}

extension ProxyTraits {
  /// The address that stands for all of the proxy's own.
  var wildcardAddress: String {
    switch addressFamilies {
    case .v4, .dual: "0.0.0.0"
    case .v6: "::"
    }
  }
}
