internal import EnvoyAPI
internal import Mesh
internal import Resources
internal import Segments

/// The network filters of connections that are forwarded without reading requests, in istiod's order
/// (`buildOutboundNetworkFilters`), as elements of a chain's `filters`.
struct ConnectionFilters {
  let model: MeshModel
  let proxies: ProxyClass
  let settings: ChainSettings.Connections
  let authorization: AuthorizationFilters

  private static let filtersField = 3

  func filters(_ route: ConnectionRoute, from server: GatewayServer) -> Rope {
    let targets = ConnectionTarget.targets(of: route, from: server, model, proxies)
    return Rope(
      Envoy.elements(ofField: ConnectionFilters.filtersField) {
        metadataExchange(server) + policies(port: server.spec.port.number) + metrics
          + protocolFilters(
            server.spec.port.portProtocol, statPrefix: statPrefix(targets, server, route))
          + [.filter("envoy.filters.network.tcp_proxy", tcpProxy(route, targets, server))]
      })
  }

  /// SNI spells the cluster; no policy looks at the connection, but extensions do.
  func crossNetwork(_ service: ServiceKey, port: ServicePort, subset: String) -> Rope {
    let cluster = ClusterName.sniDNAT(port: port.number, subset: subset, host: service.host)
    let policy = ConnectionPolicy(
      model.rules.rule(for: service, seenBy: proxies), subset: subset, isSingle: true)
    let statPrefix = crossNetworkStatPrefix(cluster, of: service, port, subset: subset)
    return Rope(
      Envoy.elements(ofField: ConnectionFilters.filtersField) {
        ExtensionFilters(model, proxies, port: port.number).network + metrics
          + protocolFilters(port.portProtocol, statPrefix: statPrefix) + [
            .filter(
              "envoy.filters.network.tcp_proxy",
              Envoy.TcpProxy(
                statPrefix: statPrefix,
                clusterSpecifier: .cluster(cluster.text),
                idleTimeout: policy.idleTimeout ?? proxies.traits.metadata.idleTimeout,
                accessLog: settings.logs.tcp,
                hashPolicy: policy.hashPolicies,
                maxDownstreamConnectionDuration: policy.maxConnectionDuration))
          ]
      })
  }

  /// What policies ask for, in the order in which they look at a connection.
  private func policies(port: Int) -> [Envoy.Filter] {
    let extensions = ExtensionFilters(model, proxies, port: port)
    return authorization.customNetwork(proxies) + extensions.network(.authn)
      + extensions.network(.authz)
      + authorization.network(proxies) + extensions.network(.stats)
      + extensions.network(.unspecified)
  }

  private var metrics: [Envoy.Filter] {
    proxies.traits.istioVersion == nil ? [] : settings.metrics.network
  }

  private func metadataExchange(_ server: GatewayServer) -> [Envoy.Filter] {
    guard server.spec.tls?.mode == .istioMutual, proxies.traits.istioVersion != nil else {
      return []
    }
    return [
      .filter(
        "istio.metadata_exchange",
        Envoy.TypedStruct(
          typeUrl: "type.googleapis.com/envoy.tcp.metadataexchange.config.MetadataExchange",
          value: ["enable_discovery": true, "protocol": "istio-peer-exchange"]))
    ]
  }

  private func protocolFilters(
    _ portProtocol: PortProtocol, statPrefix: String
  ) -> [Envoy.Filter] {
    guard portProtocol == .mongo else { return [] }
    return [
      .filter("envoy.filters.network.mongo_proxy", Envoy.MongoProxy(statPrefix: statPrefix))
    ]
  }

  private func tcpProxy(
    _ route: ConnectionRoute, _ targets: [ConnectionTarget], _ server: GatewayServer
  ) -> Envoy.TcpProxy {
    let policy = ConnectionPolicy(
      targets[0].service.flatMap { model.rules.rule(for: $0.key, seenBy: proxies) },
      subset: targets[0].destination.subset ?? "", isSingle: targets.count == 1)
    return .init(
      statPrefix: statPrefix(targets, server, route),
      clusterSpecifier: clusterSpecifier(targets),
      idleTimeout: policy.idleTimeout ?? proxies.traits.metadata.idleTimeout,
      accessLog: settings.logs.tcp,
      hashPolicy: policy.hashPolicies,
      tunnelingConfig: policy.tunnel.map {
        .init(
          hostname: authority($0.targetHost, port: $0.targetPort), usePost: $0.method == .post)
      },
      maxDownstreamConnectionDuration: policy.maxConnectionDuration)
  }

  private func clusterSpecifier(_ targets: [ConnectionTarget]) -> Envoy.TcpProxy.ClusterSpecifier? {
    if targets.count == 1 { return .cluster(targets[0].cluster.text) }
    return .weightedClusters(
      .init(
        clusters: ConnectionTarget.sharing(targets).map {
          .init(name: $0.cluster.text, weight: UInt32(clamping: $0.weight))
        }))
  }

  private func statPrefix(
    _ targets: [ConnectionTarget], _ server: GatewayServer, _ route: ConnectionRoute
  ) -> String {
    guard targets.count == 1 else {
      return "\(route.virtualService.name).\(route.virtualService.namespace)"
    }
    let target = targets[0]
    guard let pattern = settings.statName, !pattern.isEmpty,
      let service = target.service
    else { return target.cluster.text }
    return StatName(pattern).text(
      service, port: server.spec.port.number, portName: server.spec.port.name,
      subset: target.destination.subset ?? "")
  }

  private func crossNetworkStatPrefix(
    _ cluster: ClusterName, of service: ServiceKey, _ port: ServicePort, subset: String
  ) -> String {
    guard let pattern = settings.statName, !pattern.isEmpty,
      let service = model.services.service(service, visibleTo: proxies.traits.namespace)
    else { return cluster.text }
    return StatName(pattern).text(
      service, port: port.number, portName: port.name, subset: subset)
  }
}

/// What the DestinationRule of the first destination says of the connections themselves.
private struct ConnectionPolicy {
  private let policy: TrafficPolicy?
  /// Nil where no subset is named, or several destinations share the connections.
  private let subset: TrafficPolicy?
  private let namesSubset: Bool

  init(_ rule: SelectedRule?, subset name: String, isSingle: Bool) {
    policy = rule?.trafficPolicy
    namesSubset = isSingle && !name.isEmpty
    subset = namesSubset ? rule?.subset(named: name)?.trafficPolicy : nil
  }

  /// A subset's own connection pool is for its cluster, not for the clients' connections.
  var idleTimeout: Duration? { policy?.connectionPool?.tcp?.idleTimeout }
  var maxConnectionDuration: Duration? { policy?.connectionPool?.tcp?.maxConnectionDuration }

  var hashPolicies: [Envoy.HashPolicy] {
    let balancer = subset?.loadBalancer ?? policy?.loadBalancer
    guard case .consistentHash(let hash) = balancer?.policy, hash.key == .useSourceIP(true) else {
      return []
    }
    return [.init(policySpecifier: .sourceIp(.init()))]
  }

  /// A subset that is named has its own or none.
  var tunnel: TrafficPolicy.TunnelSettings? { namesSubset ? subset?.tunnel : policy?.tunnel }
}

/// A host and port as one text, an IPv6 address in brackets.
func authority(_ host: String, port: Int) -> String {
  let isIPv6 = host.has(UInt8(ascii: ":"))
  return .written {
    if isIPv6 { $0.add("[") }
    $0.add(host)
    $0.add(isIPv6 ? "]:" : ":")
    $0.add(port)
  }
}
