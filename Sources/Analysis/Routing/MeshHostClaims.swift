internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// Several VirtualServices for one host in the mesh, of which sidecars take one (istioctl's
/// virtualservice.ConflictingMeshGatewayHostsAnalyzer).
struct MeshHostClaims {
  /// One VirtualService's word that it speaks for a host, to whom it is shown.
  private struct Claim: Hashable, Comparable {
    let host: String
    let scope: Scope
    let id: NamespacedName

    static func < (a: Self, b: Self) -> Bool {
      (a.host, a.scope.text, a.id) < (b.host, b.scope.text, b.id)
    }
  }

  private enum Scope: Hashable {
    case everyone
    case namespace(String)

    var text: String {
      switch self {
      case .everyone: "*"
      case .namespace(let name): name
      }
    }
  }

  private enum Group: Digested {
    case host(String)
    case wildcards
    case plain
  }

  private let claims: Index<Group, Claim>
  private let domain: String

  init(_ model: MeshModel) {
    let claims = Index<Group, Claim>(model.graph)
    let domain = model.options.clusterDomain
    model.store.writtenVirtualServices.feed(claims) { member, object in
      Self.claims(member.id, object.spec, domain: domain).flatMap { claim in
        [
          (.host(claim.host), claim),
          (HostPattern(claim.host).isWildcard ? .wildcards : .plain, claim),
        ]
      }
    }
    self.claims = claims
    self.domain = domain
  }

  private static func claims(
    _ id: NamespacedName, _ service: VirtualService, domain: String
  ) -> [Claim] {
    guard service.gateways.isEmpty || service.gateways.contains(.mesh) else { return [] }
    return service.hosts.flatMap { host in
      scopes(of: service, in: id.namespace).map { scope in
        Claim(
          host: ServiceHost.completed(host, in: id.namespace, domain: domain), scope: scope, id: id)
      }
    }
  }

  private static func scopes(of service: VirtualService, in namespace: String) -> Set<Scope> {
    if service.exportTo.isEmpty || service.exportTo.contains(.everyone) { return [.everyone] }
    return Set(
      service.exportTo.map { target in
        switch target {
        case .namespace(let name): .namespace(name)
        case .ownNamespace, .everyone, .nobody: .namespace(namespace)
        }
      })
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    let mine = Self.claims(id, service, domain: domain)
    var seen: Set<Claim> = []
    for claim in mine {
      if !seen.insert(claim).inserted {
        return [Remark(.field("hosts"), .hostTwiceInMesh(claim.host))]
      }
      let others = rivals(of: claim)
      guard !others.isEmpty else { continue }
      let index = service.hosts.firstIndex {
        ServiceHost.completed($0, in: id.namespace, domain: domain) == claim.host
      }
      return [
        Remark(
          .element("hosts", index ?? 0),
          .hostOfSeveralInMesh(claim.host, others: others.map(\.description)))
      ]
    }
    return []
  }

  /// The others that speak for the host to the same sidecars. As istioctl has it, wildcards count
  /// only between what is shown to some and what is shown to everyone.
  private func rivals(of claim: Claim) -> [NamespacedName] {
    let same = claims[.host(claim.host)].prefix(Crowd.limit).filter { $0.scope == claim.scope }
    let wider = overlapping(claim.host).filter { other in
      switch claim.scope {
      case .everyone: other.scope != .everyone
      case .namespace: other.scope == .everyone
      }
    }
    return Set((same + wider).map(\.id)).subtracting([claim.id]).sorted()
  }

  private func overlapping(_ host: String) -> [Claim] {
    let pattern = HostPattern(host)
    let near = claims[.host(host)].prefix(Crowd.limit)
    let far = claims[.wildcards] + (pattern.isWildcard ? claims[.plain] : [])
    return near + far.filter { $0.host != host && HostPattern($0.host).overlaps(pattern) }
  }
}
