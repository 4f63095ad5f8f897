/// What an Envoy cluster is called: by istiod's names, which dashboards and EnvoyFilters rely on.
package enum ClusterName: Hashable, Sendable {
  /// Requests to a service's port; `subset` is empty for all of its endpoints.
  case outbound(port: Int, subset: String = "", host: String)
  /// The same, entered by SNI from another network (AUTO_PASSTHROUGH).
  case sniDNAT(port: Int, subset: String = "", host: String)
  /// Requests to the proxy's own workload.
  case inbound(port: Int)
  /// Where an Envoy without an agent fetches extensions from.
  case extensionHost(String, port: Int, usesTLS: Bool)
  /// One with a name of its own: `BlackHoleCluster`.
  case fixed(String)

  package static let blackHole = ClusterName.fixed("BlackHoleCluster")
  package static let passthrough = ClusterName.fixed("PassthroughCluster")

  /// The name on the wire.
  package var text: String {
    switch self {
    case .outbound(let port, let subset, let host): "outbound|\(port)|\(subset)|\(host)"
    case .sniDNAT(let port, let subset, let host): "outbound_.\(port)_.\(subset)_.\(host)"
    case .inbound(let port): "inbound|\(port)||"
    case .extensionHost(let host, let port, let usesTLS):
      "extensions|\(port)|\(usesTLS ? "https" : "http")|\(host)"
    case .fixed(let name): name
    }
  }
}

extension ClusterName: Comparable {
  package static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}
