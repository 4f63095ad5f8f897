internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources
internal import Segments

/// Route configurations with the patches of EnvoyFilters applied, each virtual host by itself, so that
/// a changed route costs its own virtual host.
struct RoutePatching {
  /// One virtual host of one configuration.
  struct HostKey: Digested {
    let route: ResourceKey<RouteName>
    let host: RouteCompiler.VirtualHostKey
  }

  private let model: MeshModel
  private let configurations: Derived<ResourceKey<RouteName>, PatchedRouteConfiguration>
  private let hosts: Gathered<ResourceKey<RouteName>, HostKey, PatchedVirtualHost>
  private let unpatched: (ResourceKey<RouteName>) -> [Rope]

  init(
    _ model: MeshModel, own: @escaping (ResourceKey<RouteName>) -> Segment,
    keys: @escaping (ResourceKey<RouteName>) -> [RouteCompiler.VirtualHostKey],
    hosts: Derived<RouteCompiler.VirtualHostKey, Rope>,
    gathered: @escaping (ResourceKey<RouteName>) -> [Rope]
  ) {
    self.model = model
    unpatched = gathered
    let ports = Derived<ProxyClass, [Int: Set<Int>]>(model.graph, "routePorts") { proxies in
      RoutePatching.ports(model.gateways.merged(proxies))
    }
    let configurations = Derived<ResourceKey<RouteName>, PatchedRouteConfiguration>(
      model.graph, "patchedRouteConfiguration"
    ) { key in
      PatchedRouteConfiguration(
        own(key).bytes, key.name, RoutePatching.patches(of: key.proxies, model),
        ports: { ports(key.proxies)[$0] })
    }
    self.configurations = configurations
    let hostPatches = Derived<ResourceKey<RouteName>, PatchGroups>(
      model.graph, "virtualHostPatches"
    ) { configurations($0).hostPatches }
    let patched = Derived<HostKey, PatchedVirtualHost>(model.graph, "patchedVirtualHost") { key in
      let element = hosts(key.host)
      let contents = PatchedVirtualHost.contents(of: element)
      return key.host.plan.isStandIn
        ? PatchedVirtualHost(contents, element, isStandIn: true)
        : PatchedVirtualHost(contents, element, by: hostPatches(key.route))
    }
    self.hosts = Gathered(model.graph, "patchedVirtualHosts", of: patched) { key in
      keys(key).map { HostKey(route: key, host: $0) }
    }
  }

  private static func patches(of proxies: ProxyClass, _ model: MeshModel) -> PatchGroups {
    model.envoyFilters.patches(.init(proxies, .routes, .gateway))
  }

  /// Whether routes of the class are patched at all.
  func isNeeded(for proxies: ProxyClass) -> Bool {
    !RoutePatching.patches(of: proxies, model).isEmpty
  }

  /// Configurations that connection managers in patches ask for, and that are none of `names`: they
  /// consist of what patches add to them.
  func added(to names: [RouteName], _ proxies: ProxyClass) -> [RouteName] {
    let mentioned = model.envoyFilters.mentions(proxies).routes
    guard !mentioned.isEmpty else { return [] }
    let taken = Set(names.map(\.text))
    return mentioned.filter { !taken.contains($0) }.map { .named($0) }
  }

  func body(_ key: ResourceKey<RouteName>) -> Rope {
    let configuration = configurations(key)
    let own = Rope(configuration.own)
    let patches = configuration.hostPatches
    let kept = configuration.keepsHosts
    let merged = configuration.mergedHosts
    guard !patches.isEmpty || !merged.isEmpty else {
      return Rope(joining: [own] + (kept ? unpatched(key) : []))
    }
    let present =
      (kept ? hosts(key) : [])
      + merged.map {
        PatchedVirtualHost($0, PatchedVirtualHost.element($0), by: patches)
      }
    let removed = Set(present.filter { $0.element == nil }.map(\.name))
    let added = patches[.virtualHost].filter { $0.operation == .add }.map {
      PatchedVirtualHost(added: $0.value)
    }
    let all = (present + added).filter { removed.isEmpty || !removed.contains($0.name) }
    return Rope(joining: [own] + all.withoutConflicts.compactMap(\.element))
  }

  /// The declared ports of servers, by the number that stands in the names of their routes. A name
  /// that says an address too says no number that istiod reads.
  private static func ports(_ merged: MergedGateway) -> [Int: Set<Int>] {
    merged.serversByRouteName.reduce(into: [:]) { ports, entry in
      ports[RouteReference(parsing: entry.key.text).port, default: []].formUnion(
        entry.value.map(\.spec.port.number))
    }
  }
}
