internal import Incremental
internal import Mesh
internal import Resources

/// A gateway's listener: an address and a port, named as istiod does.
package struct ListenerName: Digested, Comparable, Sendable {
  /// The bind of its servers, else all addresses of the proxies' family.
  package let address: String
  package let port: Int
  /// On UDP, beside the listener for TCP.
  package let isQUIC: Bool

  /// `0.0.0.0_8080`, `udp_0.0.0.0_8443`.
  package var text: String { .written { write(to: &$0) } }

  func write(to text: inout TextWriter) {
    if isQUIC { text.add("udp_") }
    text.add(address)
    text.add("_")
    text.add(port)
  }

  package static func < (a: Self, b: Self) -> Bool {
    (a.port, a.address, a.isQUIC ? 1 : 0) < (b.port, b.address, b.isQUIC ? 1 : 0)
  }

  /// Where the server would listen.
  init(_ server: GatewayServer, of proxies: ProxyClass) {
    address = server.spec.bind ?? proxies.traits.wildcardAddress
    port = server.resolvedPort
    isQUIC = false
  }

  init(_ entry: MergedGateway.Entry, of proxies: ProxyClass, isQUIC: Bool = false) {
    address = entry.bind ?? proxies.traits.wildcardAddress
    port = entry.port
    self.isQUIC = isQUIC
  }
}

/// A listener that gateways are sent: what servers come to, or one that an EnvoyFilter adds.
package enum SentListener: Digested, Sendable {
  case ofServers(ListenerName)
  /// By its name.
  case added(String)

  package var text: String {
    switch self {
    case .ofServers(let name): name.text
    case .added(let name): name
    }
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
