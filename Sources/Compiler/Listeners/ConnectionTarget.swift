internal import Mesh
internal import Resources

/// Where a gateway's connections go: one of a rule's destinations, resolved to a cluster.
struct ConnectionTarget {
  let cluster: ClusterName
  let service: MeshService?
  let destination: Destination
  let weight: Int

  /// The destinations of a rule in order. A port that the rule leaves out is the service's only one,
  /// else the server's.
  static func targets(
    of route: ConnectionRoute, from server: GatewayServer, _ model: MeshModel,
    _ proxies: ProxyClass
  ) -> [ConnectionTarget] {
    route.destinations.map { share in
      let service = model.services.service(
        share.destination.host, visibleTo: proxies.traits.namespace)
      return ConnectionTarget(
        cluster: .outbound(to: share.destination, service, port: server.spec.port.number),
        service: service, destination: share.destination, weight: share.weight)
    }
  }

  /// Those of a rule's that get connections: of several, the ones with a weight.
  static func sharing(_ targets: [ConnectionTarget]) -> [ConnectionTarget] {
    targets.count == 1 ? targets : targets.filter { $0.weight > 0 }
  }
}
