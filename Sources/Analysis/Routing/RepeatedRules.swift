internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// Rules for requests that an older VirtualService of the same Gateway and host has already: gateways
/// put the rules of all of them in one list, where the first that fits is used.
///
/// Looked at are rules without match and matches of nothing but the path, between VirtualServices that
/// everyone is shown.
struct RepeatedRules {
  private struct Claim: Hashable {
    let gateway: GatewayReference
    let host: String
    /// Nil for every request.
    let path: StringMatch?
  }

  private let claims: Index<Claim, Rank>
  private let gateways: GatewayReferences
  private let domain: String

  init(_ model: MeshModel, _ gateways: GatewayReferences) {
    let claims = Index<Claim, Rank>(model.graph)
    let domain = model.options.clusterDomain
    claims.follow(model.store.virtualServices) { id, object in
      let rank = Rank(object.metadata)
      return Set(Self.claims(id, object.spec, domain: domain).map(\.claim)).map { ($0, rank) }
    }
    self.claims = claims
    self.gateways = gateways
    self.domain = domain
  }

  private static func claims(
    _ id: NamespacedName, _ service: VirtualService, domain: String
  ) -> [(claim: Claim, spot: Spot)] {
    guard service.exportTo.isEmpty || service.exportTo.contains(.everyone) else { return [] }
    let paths = service.http.enumerated().flatMap { index, route -> [(StringMatch?, Spot)] in
      if case .delegate = route.action { return [] }
      if route.matches.isEmpty { return [(nil, .inRule(.http, index, .whole))] }
      return route.matches.enumerated().compactMap { number, match in
        match.pathAlone.map { ($0, .inRule(.http, index, .match(number))) }
      }
    }
    return service.gateways.filter { $0 != .mesh }.flatMap { gateway in
      service.hosts.flatMap { host in
        let host = ServiceHost.completed(host, in: id.namespace, domain: domain)
        return paths.map { (Claim(gateway: gateway, host: host, path: $0), $1) }
      }
    }
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    var seen: Set<Spot> = []
    return Self.claims(id, service, domain: domain).compactMap { claim, spot in
      let rivals = claims[claim]
      guard rivals.count > 1, !seen.contains(spot),
        let first = rivals.first(where: {
          gateways.serves(claim.gateway, claim.host, for: $0.id.namespace)
        }),
        first.id != id, gateways.serves(claim.gateway, claim.host, for: id.namespace)
      else { return nil }
      // One host of several may be another's; the rule still serves the rest.
      seen.insert(spot)
      return Remark(spot, .ruleOfOlder("\(first.id)", host: claim.host, "\(claim.gateway)"))
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
