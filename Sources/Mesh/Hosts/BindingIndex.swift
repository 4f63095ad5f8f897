internal import Incremental
internal import Resources
internal import Store

/// The VirtualServices of each gateway, kept as they change, by layer and by who may see them.
final class BindingIndex {
  /// Members of an index stand in it once; one that is bound n times is n members.
  private struct Member: Hashable, Comparable {
    let rank: Rank
    let occurrence: Int

    static func < (a: Self, b: Self) -> Bool {
      (a.rank, a.occurrence) < (b.rank, b.occurrence)
    }
  }

  private struct Group: Hashable {
    let gateway: GatewayReference
    let layer: RouteLayer
    let audience: Audience
  }

  private enum Audience: Hashable {
    case everyone
    /// Its own namespace.
    case home(String)
    /// A namespace that it is exported to.
    case guests(String)
    /// Whom the mesh's default says.
    case unstated
  }

  private let index: Index<Group, Member>
  private let defaultAudience: Derived<Bool, DefaultAudience>

  /// istiod honours `.` and `*` of `defaultVirtualServiceExportTo`, in this order.
  private enum DefaultAudience: Hashable {
    case home, everyone, nobody
  }

  init(_ store: ObjectStore) {
    index = Index(store.graph)
    defaultAudience = Derived(store.graph, "virtualServices.defaultAudience") { _ in
      let targets = store.meshConfig.defaultVirtualServiceExportTo
      return targets.contains(.ownNamespace)
        ? .home : targets.contains(.everyone) ? .everyone : .nobody
    }
    index.follow(store.virtualServices) { id, object in
      BindingIndex.memberships(id, object)
    }
  }

  private static func memberships(
    _ id: NamespacedName, _ object: Object<VirtualService>
  ) -> [(Group, Member)] {
    let spec = object.spec
    // Without hosts it is a delegate, and speaks only through others.
    guard !spec.hosts.isEmpty else { return [] }
    let rank = Rank(object.metadata)
    let layers: [RouteLayer] =
      (spec.http.isEmpty ? [] : [.http]) + (spec.tls.isEmpty ? [] : [.tls])
      + (spec.tcp.isEmpty ? [] : [.tcp])
    let gateways = spec.gateways.isEmpty ? [.mesh] : spec.gateways
    var counts: [Group: Int] = [:]
    var memberships: [(Group, Member)] = []
    for gateway in gateways {
      for audience in audiences(of: spec, in: id.namespace) {
        for layer in layers {
          let group = Group(gateway: gateway, layer: layer, audience: audience)
          let occurrence = counts[group, default: 0]
          counts[group] = occurrence + 1
          memberships.append((group, Member(rank: rank, occurrence: occurrence)))
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

  /// First what is private to the namespace, then what is exported to it, then what all see.
  func members(for key: VirtualServiceQueries.BindingKey) -> [NamespacedName] {
    func group(_ audience: Audience) -> [Member] {
      index[Group(gateway: key.gateway, layer: key.layer, audience: audience)]
    }
    var home = group(.home(key.namespace))
    var everyone = group(.everyone)
    let unstated = group(.unstated)
    if !unstated.isEmpty {
      switch defaultAudience(true) {
      case .home: home = (home + unstated.filter { $0.rank.id.namespace == key.namespace }).sorted()
      case .everyone: everyone = everyone.isEmpty ? unstated : (everyone + unstated).sorted()
      case .nobody: break
      }
    }
    return (home + group(.guests(key.namespace)) + everyone).map(\.rank.id)
  }
}
