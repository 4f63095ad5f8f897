internal import Incremental
package import Resources

/// What an Envoy cluster is called: by istiod's names, which dashboards and EnvoyFilters rely on.
package indirect enum ClusterName: Digested, Sendable {
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

  /// Ports and hosts tell apart nearly all but subsets, of which most have none.
  package func hash(into hasher: inout Hasher) {
    switch self {
    case .outbound(let port, let subset, let host), .sniDNAT(let port, let subset, let host):
      hasher.combine(port)
      hasher.combine(host)
      if !subset.isEmpty { hasher.combine(subset) }
    case .inbound(let port): hasher.combine(port)
    case .extensionHost(let host, let port, _):
      hasher.combine(port)
      hasher.combine(host)
    case .fixed(let name): hasher.combine(name)
    }
  }

  package static let blackHole = ClusterName.fixed("BlackHoleCluster")
  package static let passthrough = ClusterName.fixed("PassthroughCluster")

  /// The name on the wire.
  package var text: String {
    switch self {
    case .outbound(let port, let subset, let host):
      .written {
        $0.add("outbound|")
        $0.add(port)
        $0.add("|")
        $0.add(subset)
        $0.add("|")
        $0.add(host)
      }
    case .sniDNAT(let port, let subset, let host): "outbound_.\(port)_.\(subset)_.\(host)"
    case .inbound(let port): "inbound|\(port)||"
    case .extensionHost(let host, let port, let usesTLS):
      "extensions|\(port)|\(usesTLS ? "https" : "http")|\(host)"
    case .fixed(let name): name
    }
  }
}

extension ClusterName {
  /// The cluster of a destination that is that service: of what it stands for, if it is an alias. A
  /// port that the destination leaves out is the service's only one, else `port`.
  package static func outbound(
    to destination: Destination, _ service: MeshService?, port: @autoclosure () -> Int
  ) -> ClusterName {
    let onlyPort = service.flatMap { $0.ports.count == 1 ? $0.ports[0].number : nil }
    var host = destination.host
    if case .alias(let target) = service?.resolution { host = target }
    return .outbound(
      port: destination.port ?? onlyPort ?? port(), subset: destination.subset ?? "", host: host)
  }
}

extension ClusterName: Comparable {
  package static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}
