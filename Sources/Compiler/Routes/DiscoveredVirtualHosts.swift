internal import EnvoyAPI
internal import Incremental
package import Mesh
internal import Segments

/// A virtual host as a resource of its own: the route configuration it belongs to, and its name there.
package struct VirtualHostName: Hashable, Sendable {
  package let route: RouteName
  let name: String

  /// What Envoy finds its route configuration by: all before the last slash. It is the virtual host's
  /// own name as well, because Envoy takes away by that.
  package var text: String { "\(route.text)/\(name.replacing("/", with: "%2F"))" }
}

/// Virtual hosts for proxies that take each by itself (VHDS): an edit of one is sent alone, however
/// many there are.
///
/// Not here, on purpose: patches of EnvoyFilters, which may add, remove and rename virtual hosts; a
/// class whose routes are patched has them in its route configurations.
struct DiscoveredVirtualHosts {
  let table: ResourceTable<VirtualHostName>
  private let isPatched: (ProxyClass) -> Bool

  init(
    _ model: MeshModel,
    plans: @escaping (ResourceKey<RouteName>) -> [RouteCompiler.VirtualHostKey],
    body: @escaping (RouteCompiler.VirtualHostKey, String) -> Rope,
    isPatched: @escaping (ProxyClass) -> Bool
  ) {
    self.isPatched = isPatched
    let byName = Derived<ResourceKey<RouteName>, [String: RouteCompiler.VirtualHostKey]>(
      model.graph, "virtualHosts.byName"
    ) { key in
      // Of two with one name the first stays: Envoy keeps one virtual host a name.
      Dictionary(plans(key).map { ($0.plan.name, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let plan = Derived<ResourceKey<VirtualHostName>, RouteCompiler.VirtualHostKey?>(
      model.graph, "virtualHosts.plan"
    ) { byName(ResourceKey($0.proxies, $0.name.route))[$0.name.name] }
    let names = Derived<ProxyClass, [VirtualHostName]>(model.graph, "virtualHosts.names") {
      proxies in
      guard proxies.traits.takesVirtualHosts, !isPatched(proxies) else { return [] }
      return model.gateways.routeNames(proxies).flatMap { route in
        plans(ResourceKey(proxies, route)).map {
          VirtualHostName(route: route, name: $0.plan.name)
        }
      }
    }
    table = ResourceTable(
      names: names,
      bodies: Derived(model.graph, "discoveredVirtualHost") { key in
        plan(key).map { body($0, key.name.text) }
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
