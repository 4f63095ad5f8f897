internal import EnvoyAPI
package import Incremental
package import Mesh
internal import Resources
internal import Segments
internal import Store

/// Route configurations of gateways.
///
/// What is remembered, from small to large: the encoded routes of one VirtualService, one virtual host
/// made of such, one configuration made of virtual hosts; each is made of the former by reference. A
/// changed route is encoded again, and what holds it is put together again; nothing else is touched.
package final class RouteCompiler {
  package let routes: ResourceTable<RouteName>
  /// For proxies that take virtual hosts by themselves; no other has any.
  package let virtualHosts: ResourceTable<DiscoveredVirtualHost>
  /// The clusters that the routes of a class name. Sorted.
  package let references: Derived<ProxyClass, [ClusterName]>

  struct VirtualHostKey: Digested {
    let proxies: ProxyClass
    let plan: VirtualHostPlan
  }

  package init(_ model: MeshModel) {
    let graph = model.graph
    let settings = Derived<ProxyClass, RouteSettings>(graph, "routeSettings") { proxies in
      let meshConfig = model.store.meshConfig
      return RouteSettings(
        proxies.traits.metadata.proxyConfig ?? meshConfig.defaultConfig,
        defaultRetries: meshConfig.defaultHttpRetryPolicy)
    }
    let forms = MessageForms<PlainRoute.Kind>()
    let lists = Derived<RouteListKey, RouteList>(graph, "routeList") { key in
      RouteTranslator(key, model, settings(key.proxies), forms: forms)
        .list(of: model.virtualServices.httpRules(of: key.virtualService))
    }
    let plans = RouteCompiler.plans(model, settings, lists)
    let virtualHost = RouteCompiler.virtualHost(graph, lists: lists)
    let virtualHosts = Derived<VirtualHostKey, Rope>(graph, "virtualHost") { key in
      virtualHost(key, key.plan.name, .element)
    }
    let gathered = Gathered(graph, "virtualHosts", of: virtualHosts, keys: plans)
    let own = { (key: ResourceKey<RouteName>) in
      ownFields(of: key.name, hasHosts: !plans(key).isEmpty)
    }
    let patching = RoutePatching(
      model, own: own, keys: { plans($0) }, hosts: virtualHosts, gathered: { gathered($0) })
    let discovered = DiscoveredVirtualHosts(
      model, plans: { plans($0) }, body: { virtualHost($0, $1, .message) },
      isPatched: { patching.isNeeded(for: $0) })
    self.virtualHosts = discovered.table
    let bodies = Derived<ResourceKey<RouteName>, Rope?>(graph, "routeConfiguration") { key in
      if discovered.areUsed(by: key.proxies) { return discovered.configuration(key.name) }
      if patching.isNeeded(for: key.proxies) { return patching.body(key) }
      let plans = plans(key)
      let own = ownFields(of: key.name, hasHosts: !plans.isEmpty)
      // A few virtual hosts are made here and now; of hundreds only the changed ones are made again.
      let isSmall = plans.count <= 16 && plans.reduce(0) { $0 + $1.plan.lists.count } <= 16
      if isSmall, plans.count == 1 {
        return Rope(own, then: virtualHost(plans[0], plans[0].plan.name, .element))
      }
      return Rope(
        own,
        then: isSmall
          ? plans.map { virtualHost($0, $0.plan.name, .element) } : gathered(key))
    }
    let names = Derived<ProxyClass, [RouteName]>(graph, "sentRoutes") { proxies in
      let names = model.gateways.routeNames(proxies)
      return names + patching.added(to: names, proxies)
    }
    routes = ResourceTable(names: names, bodies: bodies, text: \.text)
    references = RouteCompiler.references(model, plans: plans, lists: lists)
  }

  /// The virtual hosts of each route configuration. They are the same after an edit of routes.
  private static func plans(
    _ model: MeshModel, _ settings: Derived<ProxyClass, RouteSettings>,
    _ lists: Derived<RouteListKey, RouteList>
  ) -> Derived<ResourceKey<RouteName>, [VirtualHostKey]> {
    let reach = Derived<RouteListKey, RouteList.Reach>(model.graph, "routeList.reach") {
      lists($0).reach
    }
    let misdirectedHosts = RouteCompiler.misdirectedHosts(model)
    return Derived(model.graph, "virtualHostPlans") { key in
      let plans = VirtualHostTable(
        proxies: key.proxies,
        bound: {
          model.virtualServices.bound(
            to: $0, visibleTo: key.proxies.traits.namespace, layer: .http)
        },
        reach: { reach($0) },
        isOverQUIC: model.options.opensQUIC
          && model.gateways.merged(key.proxies).routesOverQUIC.contains(key.name),
        countsAttempts: settings(key.proxies).countsAttempts
      ).plans(for: model.gateways.routeServers(.init(key.proxies, key.name)))
      let misdirected =
        model.options.misdirectedRequests.areAnswered(by: key.proxies)
        ? misdirectedHosts(key) : nil
      return (misdirected?.completed(plans) ?? plans).map {
        VirtualHostKey(proxies: key.proxies, plan: $0)
      }
    }
  }

  private static func misdirectedHosts(
    _ model: MeshModel
  ) -> Derived<ResourceKey<RouteName>, MisdirectedHosts?> {
    let ownedHosts = Derived<ProxyClass, [RouteName: MisdirectedHosts.Owned]>(
      model.graph, "ownedHosts"
    ) { proxies in
      MisdirectedHosts.owned(in: model.gateways.merged(proxies), of: proxies)
    }
    return Derived(model.graph, "misdirectedHosts") { key in
      ownedHosts(key.proxies)[key.name].map {
        MisdirectedHosts($0, for: model.gateways.routeServers(.init(key.proxies, key.name)))
      }
    }
  }

  /// Puts together the virtual host of a key under a name.
  private static func virtualHost(
    _ graph: Graph, lists: Derived<RouteListKey, RouteList>
  ) -> (VirtualHostKey, String, EncodedAs) -> Rope {
    let keys = Derived<VirtualHostKey, [RouteListKey]>(graph, "virtualHost.lists") {
      $0.plan.lists
    }
    let manyLists = Gathered(graph, "virtualHost.manyLists", of: lists, keys: keys)
    return { key, name, form in
      // A few lists are asked one by one; of hundreds only the changed ones.
      let asked = key.plan.lists
      let routes =
        asked.count == 1
        ? onlyRoutes(lists(asked[0]))
        : joinedRoutes(asked.count > 16 ? manyLists(key) : asked.map { lists($0) })
      return Compiler.virtualHost(key.plan, name: name, form, routes: routes)
    }
  }

  private static func references(
    _ model: MeshModel, plans: Derived<ResourceKey<RouteName>, [VirtualHostKey]>,
    lists: Derived<RouteListKey, RouteList>
  ) -> Derived<ProxyClass, [ClusterName]> {
    let ofList = Derived<RouteListKey, [ClusterName]>(model.graph, "routeList.references") {
      lists($0).references
    }
    let ofRoute = Gathered(model.graph, "route.references", of: ofList) {
      (key: ResourceKey<RouteName>) in
      var seen: Set<RouteListKey> = []
      return plans(key).flatMap(\.plan.lists).filter { seen.insert($0).inserted }
    }
    return Derived(model.graph, "routes.references") { proxies in
      let all = model.gateways.routeNames(proxies).reduce(into: Set<ClusterName>()) {
        for names in ofRoute(ResourceKey(proxies, $1)) { $0.formUnion(names) }
      }
      return all.map { ($0, $0.text) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
  }
}

/// What the mesh and a proxy's own configuration say about routes. A class that never changes: each
/// list of routes is made with it.
final class RouteSettings: Equatable {
  let countsAttempts: Bool
  let appendsForwardedHost: Bool
  /// For rules that say nothing of retries.
  let defaultRetries: HTTPRetry?

  init(_ config: ProxyConfig, defaultRetries: HTTPRetry?) {
    countsAttempts = config.proxyHeaders.attemptCountDisabled != true
    appendsForwardedHost = config.proxyHeaders.xForwardedHostEnabled == true
    self.defaultRetries = defaultRetries
  }

  static func == (a: RouteSettings, b: RouteSettings) -> Bool {
    a === b
      || (a.countsAttempts == b.countsAttempts && a.appendsForwardedHost == b.appendsForwardedHost
        && a.defaultRetries == b.defaultRetries)
  }
}

extension VirtualHostPlan {
  var lists: [RouteListKey] {
    switch self {
    case .hosts(let hosts): hosts.lists
    case .blackhole, .misdirected, .unrouted: []
    }
  }
}

// MARK: - Messages

/// All of a RouteConfiguration but its virtual hosts. One that nobody configured says less.
private func ownFields(of name: RouteName, hasHosts: Bool) -> Segment {
  Envoy.segment {
    hasHosts
      ? Envoy.RouteConfiguration(
        name: name.text, validateClusters: false, maxDirectResponseBodySizeBytes: 1 << 20,
        ignorePortInHostMatching: true)
      : Envoy.RouteConfiguration(name: name.text, validateClusters: false)
  }
}

private enum EncodedAs {
  case message
  /// Of its route configuration.
  case element
}

/// The routes of one list. Mostly a host has no others, and all of them or none take everything.
private func onlyRoutes(_ list: RouteList) -> Rope {
  switch (list.ordinary, list.catchAll) {
  case (nil, nil): .empty
  case (let only?, nil), (nil, let only?): Rope(only)
  case (let first?, let last?): Rope(first, then: Rope(last))
  }
}

/// The routes of lists, those that take everything last.
private func joinedRoutes(_ lists: [RouteList]) -> Rope {
  Rope(
    joining: lists.compactMap { $0.ordinary.map { Rope($0) } }
      + lists.compactMap { $0.catchAll.map { Rope($0) } })
}

/// A virtual host: its own fields, then its routes.
private func virtualHost(
  _ plan: VirtualHostPlan, name: String, _ form: EncodedAs, routes: Rope
) -> Rope {
  let own = { () -> Envoy.VirtualHost in
    switch plan {
    case .blackhole: Envoy.VirtualHost(name: name, domains: ["*"])
    case .misdirected(let domains, _):
      Envoy.VirtualHost(
        name: name, domains: domains,
        routes: [
          .init(
            match: .init(pathSpecifier: .prefix("/")), action: .directResponse(.init(status: 421)))
        ])
    case .unrouted(let domains, _): Envoy.VirtualHost(name: name, domains: domains)
    case .hosts(let hosts):
      Envoy.VirtualHost(
        name: name, domains: hosts.domains, requireTls: hosts.requiresTLS ? .all : .none,
        includeRequestAttemptCount: hosts.countsAttempts)
    }
  }
  return switch form {
  case .message: Envoy.rope(then: routes, own)
  case .element: Envoy.element(ofField: 2, then: routes, own)
  }
}
