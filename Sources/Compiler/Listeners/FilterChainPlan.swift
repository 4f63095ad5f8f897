internal import Incremental
package import Mesh
internal import Resources

/// What one filter chain of a gateway's listener does, before it is put in Envoy's words. A plan says
/// all of a server that its chain depends on, so that a chain changes with its own server only.
package indirect enum FilterChainPlan: Hashable, Sendable {
  /// Plain HTTP of all servers of the port.
  case http(RouteName, isGRPCWeb: Bool)
  /// HTTPS that ends here.
  case https(GatewayServer, RouteName)
  /// Connections without TLS, or with TLS that ends here.
  case connections(GatewayServer, ConnectionRoute)
  /// TLS passed on unread to where the server name says.
  case passthrough(GatewayServer, ConnectionRoute)
  /// TLS between networks, by the cluster that the server name spells; the subset is empty for all of
  /// the service.
  case crossNetwork(ServiceKey, ServicePort, subset: String)
  /// TLS for a server that cannot be opened: it is closed at once.
  case closed(GatewayServer)
}

extension FilterChainPlan {
  /// Tells apart nearly all of a listener.
  var digest: UInt64 {
    switch self {
    case .http(let routes, _): routes.digest
    case .https(let server, _), .closed(let server): server.digest
    case .connections(let server, let route), .passthrough(let server, let route):
      server.digest.mixed(with: route.virtualService.digest)
    case .crossNetwork(let service, let port, let subset):
      service.digest.mixed(with: UInt64(truncatingIfNeeded: port.number))
        .mixed(with: UInt64(hashOf: subset))
    }
  }

  /// What the chain takes: a server name, or with nil everything.
  struct Match: Hashable {
    let serverName: String?
    /// Only what Istio's proxies say to each other.
    let isMeshOnly: Bool
  }

  /// By which server names the chain is chosen; nil where everything is taken.
  var serverNames: [String]? {
    let names: [String] =
      switch self {
      case .http: []
      case .https(let server, _), .connections(let server, _), .closed(let server):
        server.sniHosts
      case .passthrough(_, let route): route.sniHosts
      case .crossNetwork(let service, let port, let subset):
        [ClusterName.sniDNAT(port: port.number, subset: subset, host: service.host).text]
      }
    return names.isEmpty || names.contains("*") ? nil : names
  }

  fileprivate var matches: [Match] {
    let isMeshOnly = if case .crossNetwork = self { true } else { false }
    return serverNames?.map { Match(serverName: $0, isMeshOnly: isMeshOnly) }
      ?? [Match(serverName: nil, isMeshOnly: isMeshOnly)]
  }
}

/// The chains of a listener, in order.
struct FilterChainPlanner {
  let model: MeshModel
  let proxies: ProxyClass

  func plans(for listener: ListenerName) -> [FilterChainPlan] {
    var taken: Set<String> = []
    let merged = model.gateways.merged(proxies)
    let entries = merged.entries.filter {
      ListenerName($0, of: proxies, isQUIC: listener.isQUIC) == listener
    }
    let plans =
      listener.isQUIC
      ? entries.flatMap(\.quicServers).compactMap { server in
        server.routeName.map { .https(server, $0) }
      }
      : entries.flatMap { self.plans(for: $0, taken: &taken) }
        + merged.closed.filter { ListenerName($0, of: proxies) == listener }.map { .closed($0) }
    return proxies.traits.istioVersion == nil ? distinct(plans) : plans
  }

  /// Without those that match what an earlier one does, for which Envoy would refuse the listener.
  /// istiod sends them, so that a proxy of Istio's gets them.
  private func distinct(_ plans: [FilterChainPlan]) -> [FilterChainPlan] {
    var taken: Set<FilterChainPlan.Match> = []
    return plans.filter { plan in
      let matches = plan.matches
      guard taken.isDisjoint(with: matches) else { return false }
      taken.formUnion(matches)
      return true
    }
  }

  private func plans(
    for entry: MergedGateway.Entry, taken: inout Set<String>
  ) -> [FilterChainPlan] {
    guard let first = entry.servers.first else { return [] }
    if first.spec.port.portProtocol.isHTTP, let name = entry.routeName {
      return [.http(name, isGRPCWeb: first.spec.port.portProtocol == .grpcWeb)]
    }
    var plans: [FilterChainPlan] = []
    for server in entry.servers { plans += self.plans(for: server, taken: &taken) }
    return plans
  }

  private func plans(for server: GatewayServer, taken: inout Set<String>) -> [FilterChainPlan] {
    if server.spec.isHTTP, let name = server.routeName { return [.https(server, name)] }
    switch server.spec.tls?.mode {
    case .passthrough: return passthrough(server, taken: &taken)
    case .autoPassthrough: return crossNetwork(server)
    case .simple, .mutual, .istioMutual, .optionalMutual, nil:
      return model.virtualServices.tcpRoute(scope(server)).map { [.connections(server, $0)] } ?? []
    }
  }

  private func scope(_ server: GatewayServer) -> ServerScope {
    ServerScope(
      gateway: server.gateway, hosts: server.spec.hosts, port: server.spec.port.number,
      visibleTo: proxies.traits.namespace)
  }

  /// A match with a server name that an earlier chain of the listener has is left out whole: Envoy
  /// refuses two chains that match alike.
  private func passthrough(
    _ server: GatewayServer, taken: inout Set<String>
  ) -> [FilterChainPlan] {
    model.virtualServices.tlsRoutes(scope(server)).compactMap { route in
      guard taken.isDisjoint(with: route.sniHosts) else { return nil }
      taken.formUnion(route.sniHosts)
      // As istiod sends it, for a proxy of Istio's.
      return .passthrough(
        server, proxies.traits.istioVersion == nil ? route.withEachNameOnce : route)
    }
  }

  /// A chain for each port, and each subset, of every service of the mesh that the server's hosts
  /// cover.
  private func crossNetwork(_ server: GatewayServer) -> [FilterChainPlan] {
    let hosts = server.spec.hosts.map { HostPattern($0.host) }
    let services = model.services.visible(proxies.traits.namespace)
      .filter { key in hosts.contains { HostPattern(key.host).isCovered(by: $0) } }
    return services.flatMap { key -> [FilterChainPlan] in
      guard let service = model.services.service(key, visibleTo: proxies.traits.namespace),
        service.isEnteredBySNI(at: proxies)
      else { return [] }
      let subsets = model.rules.rule(for: key, seenBy: proxies)?.subsets.map(\.name) ?? []
      return service.ports.filter { $0.portProtocol != .udp }.flatMap { port in
        ([""] + subsets).map {
          .crossNetwork(key, port, subset: $0)
        }
      }
    }
  }
}

extension MeshService {
  /// Whether proxies of other networks may reach it through these, by the cluster that they spell. No
  /// name that can be asked for spells one of a wildcard: Envoy refuses the chain, and the listener with
  /// it. istiod sends both, so that a proxy of Istio's gets them.
  func isEnteredBySNI(at proxies: ProxyClass) -> Bool {
    !isMeshExternal && (proxies.traits.istioVersion != nil || !HostPattern(host).isWildcard)
  }
}
