package import Incremental
internal import Resources
package import Store

/// Which VirtualServices rule the traffic of a gateway, for which hosts, and what they say.
///
/// The rules are istiod's (`pilot/pkg/model/virtualservice.go`): short names are completed, delegates
/// merged in, `exportTo` decides by the proxy's namespace.
package final class VirtualServiceQueries {
  /// What is bound to a gateway, seen from a namespace.
  struct BindingKey: Digested {
    let gateway: NamespacedName
    let namespace: String
    let layer: RouteLayer
  }

  private let store: ObjectStore
  private let domain: String
  private let bindings: BindingIndex
  private let defaultExportTo: Single<[ExportTarget]>

  /// What namespaces see of a gateway's, where they do not all see the same.
  private let seen: Derived<BindingKey, [VirtualServiceScope]>
  /// The rule for a server's connections that no TLS tells apart: the first that fits.
  package private(set) var tcpRoute: Derived<ServerScope, ConnectionRoute?>!
  /// The rules for a server's TLS connections, in order. Not here, on purpose: that a server name
  /// taken by an earlier chain of the listener is not matched again.
  package private(set) var tlsRoutes: Derived<ServerScope, [ConnectionRoute]>!

  init(_ store: ObjectStore, domain: String) {
    self.store = store
    self.domain = domain
    let bindings = BindingIndex(store, domain: domain)
    self.bindings = bindings
    let graph = store.graph
    defaultExportTo = Single(graph, "virtualServices.defaultExportTo") {
      store.meshConfig.defaultVirtualServiceExportTo
    }
    seen = Derived(graph, "virtualServices.bound") { bindings.scopes(for: $0) }
    tcpRoute = Derived(graph, "virtualServices.tcpRoute") { [unowned self] in firstTCPRoute($0) }
    tlsRoutes = Derived(graph, "virtualServices.tlsRoutes") { [unowned self] in allTLSRoutes($0) }
  }

  /// The VirtualServices with rules of the layer that are bound to a Gateway, seen from a namespace, in
  /// the order in which the first wins. One that names the Gateway twice stands in it twice, as its
  /// routes do.
  package func bound(
    to gateway: NamespacedName, visibleTo namespace: String, layer: RouteLayer
  ) -> [VirtualServiceScope] {
    bindings.scopes(seenByAll: gateway, layer)
      ?? seen(BindingKey(gateway: gateway, namespace: namespace, layer: layer))
  }

  // MARK: Requests

  /// The rules for HTTP requests, in order, as they hold. Not remembered: what is compiled from them
  /// is.
  package func httpRules(of id: NamespacedName) -> [HTTPRule] {
    guard let object = store.virtualServices[id] else { return [] }
    var rules: [HTTPRule] = []
    rules.reserveCapacity(object.spec.http.count)
    for index in object.spec.http.indices {
      var route = object.spec.http[index]
      route.complete(in: id.namespace, domain: domain)
      if case .delegate(let delegate) = route.action {
        let merged = Delegation.merged(
          root: route, delegate: delegate, routes: routes(of: delegate, from: id.namespace))
        rules += merged.compactMap(HTTPRule.init)
      } else if let rule = HTTPRule(consume route) {
        rules.append(rule)
      }
    }
    return rules
  }

  /// The routes of a delegate; none where it is not there, has hosts of its own, or is not exported to
  /// `namespace`.
  private func routes(
    of delegate: HTTPRoute.Delegate, from namespace: String
  ) -> [HTTPRoute] {
    let id = NamespacedName(
      namespace: delegate.namespace ?? namespace, name: delegate.name ?? "")
    guard let object = store.virtualServices[id], object.spec.hosts.isEmpty else { return [] }
    let targets =
      object.spec.exportTo.isEmpty ? defaultExportTo() : object.spec.exportTo
    guard Visibility(targets, of: id.namespace)?.includes(namespace) ?? true else { return [] }
    return object.spec.http.map { $0.completed(in: id.namespace, domain: domain) }
  }

  // MARK: Connections

  private func firstTCPRoute(_ server: ServerScope) -> ConnectionRoute? {
    for scope in bound(to: server.gateway, visibleTo: server.visibleTo, layer: .tcp)
    where isFor(server, scope) {
      let route = store.virtualServices[scope.id]?.spec.tcp.first { route in
        route.matches.isEmpty
          || route.matches.contains { fits(port: $0.port, gateways: $0.gateways, server) }
      }
      if let route { return connectionRoute(scope.id, sniHosts: [], route.route) }
    }
    return nil
  }

  private func allTLSRoutes(_ server: ServerScope) -> [ConnectionRoute] {
    bound(to: server.gateway, visibleTo: server.visibleTo, layer: .tls)
      .filter { isFor(server, $0) }
      .map(\.id).flatMap { id in
        (store.virtualServices[id]?.spec.tls ?? []).flatMap { route in
          route.matches.filter { fits(port: $0.port, gateways: $0.gateways, server) }.map {
            connectionRoute(id, sniHosts: $0.sniHosts.sorted(), route.route)
          }
        }
      }
  }

  /// Some host of the server overlaps one of the VirtualService's.
  private func isFor(_ server: ServerScope, _ virtualService: VirtualServiceScope) -> Bool {
    server.hosts.patterns(for: virtualService.id.namespace).contains { host in
      virtualService.hosts.contains(where: host.overlaps)
    }
  }

  /// A gateway looks at the port and the gateways of a match for connections, at nothing else.
  private func fits(port: Int?, gateways: [GatewayReference], _ server: ServerScope) -> Bool {
    guard port == nil || port == server.port else { return false }
    return gateways.isEmpty
      || gateways.contains(
        .gateway(namespace: server.gateway.namespace, name: server.gateway.name))
  }

  private func connectionRoute(
    _ id: NamespacedName, sniHosts: [String], _ destinations: [RouteDestination]
  ) -> ConnectionRoute {
    ConnectionRoute(
      virtualService: id, sniHosts: sniHosts,
      destinations: destinations.map { share in
        var share = share
        share.destination = completed(share.destination, in: id.namespace)
        return share
      })
  }

  private func completed(_ destination: Destination, in namespace: String) -> Destination {
    var destination = destination
    destination.host = ServiceHost.completed(destination.host, in: namespace, domain: domain)
    return destination
  }
}
