internal import Resources
internal import Store

/// A door into a network whose addresses others cannot reach.
package struct NetworkGateway: Hashable, Sendable, Comparable {
  package let network: String
  /// The cluster it runs in; empty for one that the mesh's networks name by address.
  package let clusterID: String
  package let address: String
  /// Where mutual TLS is passed on by its SNI; 0 for a gateway that takes none.
  package let port: Int

  /// Istio's `SortGateways`, and what is left made definite.
  package static func < (a: Self, b: Self) -> Bool {
    (a.address, a.port, a.network, a.clusterID) < (b.address, b.port, b.network, b.clusterID)
  }
}

/// All gateways between networks.
package struct NetworkGateways: Hashable, Sendable {
  private let byNetwork: [String: [NetworkGateway]]
  /// Weights are multiplied by this, so that each can be parted evenly among a network's gateways: the
  /// least common multiple of their numbers.
  package let weightScale: Int

  init(_ gateways: [NetworkGateway]) {
    let sorted = Set(gateways).sorted()
    byNetwork = Dictionary(grouping: sorted, by: \.network)
    let counts = byNetwork.values.flatMap { gateways in
      [gateways.count] + Dictionary(grouping: gateways, by: \.clusterID).values.map(\.count)
    }
    weightScale = counts.reduce(1) { scale, count in
      let (product, overflow) = (scale / Self.divisor(scale, count))
        .multipliedReportingOverflow(by: count)
      // Weights have 32 bits; past that the parts are no longer even.
      return overflow || product > Int(UInt32.max) ? scale : product
    }
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }

  /// Without gateways all addresses are taken to be reachable.
  package var isEmpty: Bool { byNetwork.isEmpty }

  /// The gateways for an endpoint: those of its own cluster, if there are any.
  package func gateways(into network: String, cluster: String) -> [NetworkGateway] {
    let all = byNetwork[network] ?? []
    let near = all.filter { $0.clusterID == cluster }
    return near.isEmpty ? all : near
  }
}

extension Object where Spec == Service {
  /// The network that the service's label says it is the gateway of, and the port.
  func networkGateway() -> (network: String, port: Int)? {
    guard let network = metadata.labels["topology.istio.io/network"], !network.isEmpty else {
      return nil
    }
    let stated = metadata.labels["networking.istio.io/gatewayPort"].flatMap { Int($0) }
    let port = stated ?? 15443
    let ports = spec.ports
    let accepts = { (number: Int) in ports.contains { $0.port == number } }
    guard accepts(port) || accepts(15008) else { return nil }
    return (network, accepts(port) ? port : 0)
  }

  /// The node port that stands for a port, for a service that is entered at nodes.
  func externalPort(_ port: Int) -> Int {
    guard isEnteredAtNodes else { return port }
    return spec.ports.first { $0.port == port }?.nodePort ?? port
  }

  /// Istio's annotation `traffic.istio.io/nodeSelector` on a service of type NodePort.
  var isEnteredAtNodes: Bool {
    spec.type == .nodePort && metadata.annotations["traffic.istio.io/nodeSelector"] != nil
  }

  /// Where the service is entered from outside, nodes apart.
  var externalAddresses: [String] {
    let ofBalancer = spec.loadBalancerIngress.compactMap { ingress in
      ingress.ip.flatMap { $0.isEmpty ? nil : $0 } ?? ingress.hostname
    }
    return (spec.type == .loadBalancer ? ofBalancer : []) + spec.externalIPs
  }
}
