internal import Incremental
internal import Resources
internal import Store

/// The VirtualServices of each gateway, kept as they change, by layer and by who may see them. Their
/// hosts are kept with them: one whose hosts change leaves its groups and joins them again.
final class BindingIndex {
  /// Members of an index stand in it once; one that is bound n times is n members. A class, since
  /// mostly only the scope is asked for.
  private final class Member: Hashable, Comparable {
    let rank: Rank
    let audience: Audience
    let occurrence: Int
    let scope: VirtualServiceScope

    init(rank: Rank, audience: Audience, occurrence: Int, scope: VirtualServiceScope) {
      self.rank = rank
      self.audience = audience
      self.occurrence = occurrence
      self.scope = scope
    }

    static func == (a: Member, b: Member) -> Bool {
      a === b
        || (a.rank == b.rank && a.audience == b.audience && a.occurrence == b.occurrence
          && a.scope == b.scope)
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(scope)
      hasher.combine(occurrence)
    }

    /// Members with the same rank are of one object, and those of one audience differ in occurrence.
    static func < (a: Member, b: Member) -> Bool {
      if a.rank != b.rank { return a.rank < b.rank }
      return (a.audience.order, a.occurrence) < (b.audience.order, b.occurrence)
    }
  }

  private struct Group: Digested {
    /// Nil for the mesh.
    let gateway: NamespacedName?
    let layer: RouteLayer

    var digest: UInt64 {
      (gateway?.digest ?? 0).mixed(with: UInt64(layer.rawValue))
    }
  }

  private enum Audience: Hashable {
    case everyone
    /// Its own namespace.
    case home(String)
    /// A namespace that it is exported to.
    case guests(String)
    /// Whom the mesh's default says.
    case unstated

    /// Tells an object's audiences apart.
    var order: String {
      switch self {
      case .guests(let namespace): namespace
      case .everyone, .home, .unstated: ""
      }
    }
  }

  private let index: Index<Group, Member>
  /// By the namespace of the VirtualService.
  private let defaultAudience: Derived<String, Visibility>
  private let isOpenByDefault: Single<Bool>

  init(_ store: ObjectStore, domain: String) {
    index = Index(store.graph)
    defaultAudience = Derived(store.graph, "virtualServices.defaultAudience") { namespace in
      Visibility(store.meshConfig.defaultVirtualServiceExportTo, of: namespace) ?? .nobody
    }
    isOpenByDefault = Single(store.graph, "virtualServices.areOpenByDefault") {
      store.meshConfig.defaultVirtualServiceExportTo.contains(.everyone)
    }
    index.follow(store.virtualServices) { id, object in
      BindingIndex.memberships(id, object, domain: domain)
    }
  }

  private static func memberships(
    _ id: NamespacedName, _ object: Object<VirtualService>, domain: String
  ) -> [(Group, Member)] {
    let spec = object.spec
    // Without hosts it is a delegate, and speaks only through others.
    guard !spec.hosts.isEmpty else { return [] }
    let rank = Rank(object.metadata)
    let layers: [RouteLayer] =
      (spec.http.isEmpty ? [] : [.http]) + (spec.tls.isEmpty ? [] : [.tls])
      + (spec.tcp.isEmpty ? [] : [.tcp])
    let gateways: [NamespacedName?] =
      spec.gateways.isEmpty
      ? [nil]
      : spec.gateways.map { reference in
        switch reference {
        case .mesh: nil
        case .gateway(let namespace, let name): NamespacedName(namespace: namespace, name: name)
        }
      }
    let audiences = audiences(of: spec, in: id.namespace)
    let scope = VirtualServiceScope(
      id,
      hosts: spec.hosts.map {
        HostPattern(ServiceHost.completed($0, in: id.namespace, domain: domain))
      })
    var memberships: [(Group, Member)] = []
    for gateway in gateways {
      for audience in audiences {
        for layer in layers {
          let group = Group(gateway: gateway, layer: layer)
          let occurrence = memberships.count { $0.0 == group && $0.1.audience == audience }
          memberships.append(
            (
              group,
              Member(rank: rank, audience: audience, occurrence: occurrence, scope: scope)
            ))
        }
      }
    }
    return memberships
  }

  private static func audiences(of spec: VirtualService, in namespace: String) -> [Audience] {
    if spec.exportTo.isEmpty { return [.unstated] }
    if spec.exportTo.contains(.everyone) { return [.everyone] }
    if spec.exportTo.contains(.nobody) { return [] }
    var seen: Set<ExportTarget> = []
    return spec.exportTo.filter { seen.insert($0).inserted }.map { target in
      switch target {
      case .namespace(let other) where other != namespace: .guests(other)
      case .namespace, .ownNamespace, .everyone, .nobody: .home(namespace)
      }
    }
  }

  /// The members of a group that all namespaces see alike; nil where that is not so.
  func scopes(seenByAll gateway: NamespacedName, _ layer: RouteLayer) -> [VirtualServiceScope]? {
    var scopes: [VirtualServiceScope] = []
    var (saysNothing, isForSome) = (false, false)
    index.visit(Group(gateway: gateway, layer: layer)) { member in
      switch member.audience {
      case .everyone: break
      case .unstated: saysNothing = true
      case .home, .guests: isForSome = true
      }
      scopes.append(member.scope)
    }
    return isForSome || (saysNothing && !isOpenByDefault()) ? nil : scopes
  }

  /// First what is private to the namespace, then what is exported to it, then what all see.
  func scopes(for key: VirtualServiceQueries.BindingKey) -> [VirtualServiceScope] {
    let bound = index[Group(gateway: key.gateway, layer: key.layer)]
    var (home, guests, everyone):
      ([VirtualServiceScope], [VirtualServiceScope], [VirtualServiceScope]) = ([], [], [])
    for member in bound {
      let scope = member.scope
      switch member.audience {
      case .home(key.namespace): home.append(scope)
      case .guests(key.namespace): guests.append(scope)
      case .everyone: everyone.append(scope)
      case .home, .guests: break
      case .unstated:
        let audience = defaultAudience(scope.id.namespace)
        guard audience.includes(key.namespace) else { continue }
        if audience == .everyone {
          everyone.append(scope)
        } else if scope.id.namespace == key.namespace {
          home.append(scope)
        } else {
          guests.append(scope)
        }
      }
    }
    return home + guests + everyone
  }
}
