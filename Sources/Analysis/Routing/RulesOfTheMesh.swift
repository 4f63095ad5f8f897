internal import Diagnostics
internal import Incremental
internal import Resources
internal import Store

/// Gateways' rules that send to a host for which another VirtualService chooses subsets: that choice is
/// not made at gateways (part of istioctl's virtualservice.DestinationHostAnalyzer).
struct RulesOfTheMesh {
  /// By hosts, as they are written, of VirtualServices that send some requests for them to subsets.
  private let choosing: Index<String, NamespacedName>

  init(_ store: ObjectStore) {
    let choosing = Index<String, NamespacedName>(store.graph)
    choosing.follow(store.virtualServices) { id, object in
      let split = object.spec.http.flatMap(\.shares).filter { $0.subset?.isEmpty == false }
      return Set(split.map(\.host)).intersection(object.spec.hosts).map { ($0, id) }
    }
    self.choosing = choosing
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    guard !service.gateways.isEmpty else { return [] }
    var told: Set<String> = []
    return service.http.enumerated().flatMap { rule, route in
      route.shares.enumerated().compactMap { index, destination in
        guard destination.subset?.isEmpty ?? true else { return nil }
        let others = choosing[destination.host].prefix(Crowd.limit).filter { $0 != id }
        // Once for a host: more rules for it say nothing more.
        guard !others.isEmpty, told.insert(destination.host).inserted else { return nil }
        return Remark(
          .inRule(.http, rule, .destination(index)),
          .subsetsChosenInMesh(destination.host, by: others.map(\.description)),
          basis: .surroundings)
      }
    }
  }
}

extension HTTPRoute {
  fileprivate var shares: [Destination] {
    guard case .route(let shares) = action else { return [] }
    return shares.map(\.destination)
  }
}
