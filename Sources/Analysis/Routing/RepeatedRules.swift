internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// Rules for requests that an older VirtualService of the same Gateway and host has already: gateways
/// put the rules of all of them in one list, where the first that fits is used.
///
/// Looked at are rules without match and matches of nothing but the path, between VirtualServices that
/// everyone is shown, on hosts that not too many have.
struct RepeatedRules {
  /// Of so many VirtualServices of one host, each is held against all that are older.
  private static let most = 64

  /// What a VirtualService has that others may repeat.
  private struct Outline: Hashable {
    let gateways: [GatewayReference]
    /// Nil for every request.
    let paths: Set<StringMatch?>
  }

  private let byHost: Index<String, Rank>
  private let outlines: Derived<NamespacedName, Outline>
  private let gateways: GatewayReferences
  private let domain: String

  init(_ model: MeshModel, _ gateways: GatewayReferences) {
    let byHost = Index<String, Rank>(model.graph)
    let domain = model.options.clusterDomain
    byHost.follow(model.store.virtualServices) { id, object in
      guard object.spec.isShownToAll, object.spec.gateways.contains(where: { $0 != .mesh }) else {
        return []
      }
      let rank = Rank(object.metadata)
      return Set(object.spec.hosts).map {
        (ServiceHost.completed($0, in: id.namespace, domain: domain), rank)
      }
    }
    outlines = Derived(model.graph, "rules to repeat") { [store = model.store] id in
      let service = store.virtualServices[id]?.spec
      return Outline(
        gateways: service?.gateways ?? [], paths: Set((service?.requestPaths ?? []).map(\.path)))
    }
    self.byHost = byHost
    self.gateways = gateways
    self.domain = domain
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    guard service.isShownToAll else { return [] }
    var repeated: [Spot: Remark] = [:]
    for host in service.hosts {
      let host = ServiceHost.completed(host, in: id.namespace, domain: domain)
      let ranks = byHost[host]
      guard ranks.count > 1, ranks.count <= Self.most else { continue }
      for older in ranks.prefix(while: { $0.id != id }) {
        for gateway in shared(by: id, service, older.id, host: host) {
          let paths = outlines(older.id).paths
          for (path, spot) in service.requestPaths where paths.contains(path) {
            let finding = Finding.ruleOfOlder("\(older.id)", host: host, "\(gateway)")
            repeated[spot] = repeated[spot] ?? Remark(spot, finding)
          }
        }
      }
    }
    return service.requestPaths.compactMap { repeated[$0.spot] }
  }

  /// The Gateways where both are heard for the host.
  private func shared(
    by id: NamespacedName, _ service: VirtualService, _ older: NamespacedName, host: String
  ) -> [GatewayReference] {
    let theirs = outlines(older).gateways
    return service.gateways.filter { gateway in
      theirs.contains(gateway) && gateways.serves(gateway, host, for: id.namespace)
        && gateways.serves(gateway, host, for: older.namespace)
    }
  }
}

extension VirtualService {
  fileprivate var isShownToAll: Bool { exportTo.isEmpty || exportTo.contains(.everyone) }

  /// What rules take by the path alone, or of all requests.
  fileprivate var requestPaths: [(path: StringMatch?, spot: Spot)] {
    http.enumerated().flatMap { index, route -> [(StringMatch?, Spot)] in
      if case .delegate = route.action { return [] }
      if route.matches.isEmpty { return [(nil, .inRule(.http, index, .whole))] }
      return route.matches.enumerated().compactMap { number, match in
        match.pathAlone.map { ($0, .inRule(.http, index, .match(number))) }
      }
    }
  }
}

extension HTTPMatchRequest {
  /// The path it looks at, if it looks at nothing else.
  fileprivate var pathAlone: StringMatch? {
    let others = HTTPMatchRequest(name: name, uri: uri, statPrefix: statPrefix)
    return self == others ? uri : nil
  }
}
