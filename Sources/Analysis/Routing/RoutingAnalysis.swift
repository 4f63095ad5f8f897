internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// What is found in a VirtualService.
struct RoutingAnalysis {
  private let gateways: GatewayReferences
  private let meshHosts: MeshHostClaims
  private let subsets: DefinedSubsets
  private let destinations: DestinationReferences
  private let delegates: DelegateReferences
  private let repeated: RepeatedRules
  private let claims: ClaimRoutes
  private let mesh: RulesOfTheMesh

  init(_ model: MeshModel, _ workloads: Workloads, _ hosts: KnownHosts) {
    let gateways = GatewayReferences(model.store)
    self.gateways = gateways
    meshHosts = MeshHostClaims(model)
    subsets = DefinedSubsets(model)
    destinations = DestinationReferences(hosts)
    delegates = DelegateReferences(model.store)
    repeated = RepeatedRules(model, gateways)
    claims = ClaimRoutes(model, workloads)
    mesh = RulesOfTheMesh(model.store)
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    let sent = service.destinations.flatMap { spot, destination in
      subsets.remarks(id, spot, destination)
        + destinations.remarks(id, spot, destination, exportTo: service.exportTo)
    }
    return gateways.remarks(id, service) + meshHosts.remarks(id, service)
      + delegates.remarks(id, service) + repeated.remarks(id, service)
      + claims.remarks(id, service) + mesh.remarks(id, service) + sent
  }
}

extension VirtualService {
  /// Everything that traffic is sent to, and where that is said.
  var destinations: [(spot: Spot, destination: Destination)] {
    let requests = http.enumerated().flatMap { rule, route in
      route.destinations.map { (Spot.inRule(.http, rule, $0), $1) }
    }
    return requests + connections(.tls, tls.map(\.route)) + connections(.tcp, tcp.map(\.route))
  }

  private func connections(
    _ list: Spot.RuleList, _ routes: [[RouteDestination]]
  ) -> [(Spot, Destination)] {
    routes.enumerated().flatMap { rule, route in
      route.enumerated().map { (Spot.inRule(list, rule, .destination($0)), $1.destination) }
    }
  }
}

extension HTTPRoute {
  fileprivate var destinations: [(Spot.RulePart, Destination)] {
    var found: [(Spot.RulePart, Destination)] = []
    if case .route(let shares) = action {
      found += shares.enumerated().map { (.destination($0), $1.destination) }
    }
    if let mirror { found.append((.mirror, mirror)) }
    return found + mirrors.enumerated().map { (.mirrors($0), $1.destination) }
  }
}
