internal import EnvoyAPI
internal import Incremental
package import Mesh
internal import Segments

/// A virtual host as a resource of its own: the route configuration it belongs to, and what it is to be
/// made of. The plan is part of what tells one from another, so that what is sent reads no table of
/// all virtual hosts: an edit touches its own, and asks nothing of the rest.
package struct DiscoveredVirtualHost: Digested, Sendable {
  package let route: RouteName
  let plan: VirtualHostPlan

  /// What Envoy finds its route configuration by: all before the last slash. It is the virtual host's
  /// own name as well, because Envoy takes away by that.
  package var text: String { "\(route.text)/\(plan.name.replacing("/", with: "%2F"))" }
}

/// Virtual hosts for proxies that take each by itself (VHDS): an edit of one is sent alone, however
/// many there are.
///
/// Not here, on purpose: patches of EnvoyFilters, which may add, remove and rename virtual hosts; a
/// class whose routes are patched has them in its route configurations.
struct DiscoveredVirtualHosts {
  let table: ResourceTable<DiscoveredVirtualHost>
  private let isPatched: (ProxyClass) -> Bool

  init(
    _ model: MeshModel,
    plans: @escaping (ResourceKey<RouteName>) -> [RouteCompiler.VirtualHostKey],
    body: @escaping (RouteCompiler.VirtualHostKey, String) -> Rope,
    isPatched: @escaping (ProxyClass) -> Bool
  ) {
    self.isPatched = isPatched
    let names = Derived<ProxyClass, [DiscoveredVirtualHost]>(model.graph, "virtualHosts.names") {
      proxies in
      guard proxies.traits.takesVirtualHosts, !isPatched(proxies) else { return [] }
      return model.gateways.routeNames(proxies).flatMap { route in
        // Of two with one name the first stays: Envoy keeps one virtual host a name.
        var seen: Set<String> = []
        return plans(ResourceKey(proxies, route)).filter { seen.insert($0.plan.name).inserted }
          .map { DiscoveredVirtualHost(route: route, plan: $0.plan) }
      }
    }
    table = ResourceTable(
      names: names,
      bodies: Derived(model.graph, "discoveredVirtualHost") { key in
        body(.init(proxies: key.proxies, plan: key.name.plan), key.name.text)
      },
      text: \.text)
  }

  func areUsed(by proxies: ProxyClass) -> Bool {
    proxies.traits.takesVirtualHosts && !isPatched(proxies)
  }

  /// A route configuration without its virtual hosts. It waits for them: one without any has at least
  /// the one that answers 404.
  func configuration(_ name: RouteName) -> Rope {
    Rope(
      Envoy.encode {
        Envoy.RouteConfiguration(
          name: name.text, vhds: .init(configSource: .ads), validateClusters: false,
          maxDirectResponseBodySizeBytes: 1 << 20, ignorePortInHostMatching: true)
      })
  }
}
