internal import EnvoyAPI
internal import Mesh
internal import Resources
internal import Segments

/// The network filters of connections that are forwarded without reading requests, in istiod's order
/// (`buildOutboundNetworkFilters`), as elements of a chain's `filters`.
struct ConnectionFilters {
  let model: MeshModel
  let proxies: ProxyClass

  private static let filtersField = 3

  func filters(_ route: ConnectionRoute, from server: GatewayServer) -> Rope {
    let targets = ConnectionTarget.targets(of: route, from: server, model, proxies)
    return Rope(
      Envoy.elements(ofField: ConnectionFilters.filtersField) {
        metadataExchange(server) + metrics + protocolFilters(server, targets, route)
          + [.filter("envoy.filters.network.tcp_proxy", tcpProxy(route, targets, server))]
      })
  }

  /// SNI spells the cluster; nothing of the connection is looked at.
  func crossNetwork(_ cluster: ClusterName) -> Rope {
    Rope(
      Envoy.elements(ofField: ConnectionFilters.filtersField) {
        metrics + [
          .filter(
            "envoy.filters.network.tcp_proxy",
            Envoy.TcpProxy(
              statPrefix: crossNetworkStatPrefix(cluster),
              clusterSpecifier: .cluster(cluster.text),
              accessLog: AccessLogs(model.store.meshConfig, proxies.traits).tcp))
        ]
      })
  }

  private var metrics: [Envoy.Filter] {
    proxies.traits.istioVersion == nil ? [] : Metrics(model.store.meshConfig).network
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
    _ server: GatewayServer, _ targets: [ConnectionTarget], _ route: ConnectionRoute
  ) -> [Envoy.Filter] {
    guard server.spec.port.portProtocol == .mongo else { return [] }
    return [
      .filter(
        "envoy.filters.network.mongo_proxy",
        Envoy.MongoProxy(statPrefix: statPrefix(targets, server, route)))
    ]
  }

  private func tcpProxy(
    _ route: ConnectionRoute, _ targets: [ConnectionTarget], _ server: GatewayServer
  ) -> Envoy.TcpProxy {
    let policy = ConnectionPolicy(model, proxies, targets)
    return .init(
      statPrefix: statPrefix(targets, server, route),
      clusterSpecifier: clusterSpecifier(targets),
      idleTimeout: policy.idleTimeout ?? proxies.traits.metadata.idleTimeout,
      accessLog: AccessLogs(model.store.meshConfig, proxies.traits).tcp,
      hashPolicy: policy.hashesBySource
        ? [.init(policySpecifier: .sourceIp(.init()))] : [],
      tunnelingConfig: policy.tunnel.map {
        .init(hostname: "\($0.targetHost):\($0.targetPort)", usePost: $0.method == .post)
      },
      maxDownstreamConnectionDuration: policy.maxConnectionDuration)
  }

  private func clusterSpecifier(_ targets: [ConnectionTarget]) -> Envoy.TcpProxy.ClusterSpecifier? {
    if targets.count == 1 { return .cluster(targets[0].cluster.text) }
    return .weightedClusters(
      .init(
        clusters: targets.filter { $0.weight > 0 }.map {
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
    guard let pattern = model.store.meshConfig.outboundClusterStatName, !pattern.isEmpty,
      let service = target.service
    else { return target.cluster.text }
    return StatName(pattern).text(
      service, port: server.spec.port.number, portName: server.spec.port.name,
      subset: target.destination.subset ?? "")
  }

  private func crossNetworkStatPrefix(_ cluster: ClusterName) -> String {
    guard case .sniDNAT(let number, let subset, let host) = cluster,
      let pattern = model.store.meshConfig.outboundClusterStatName, !pattern.isEmpty,
      let service = model.services.service(host, visibleTo: proxies.traits.namespace)
    else { return cluster.text }
    return StatName(pattern).text(
      service, port: number, portName: service.port(number)?.name ?? "", subset: subset)
  }
}

/// What the DestinationRule of the first destination says of the connections themselves.
private struct ConnectionPolicy {
  private let policy: TrafficPolicy?
  private let subset: TrafficPolicy?
  private let isSingle: Bool
  private let namesSubset: Bool

  init(_ model: MeshModel, _ proxies: ProxyClass, _ targets: [ConnectionTarget]) {
    let rule = targets.first?.service.flatMap { model.rules.rule(for: $0.key, seenBy: proxies) }
    let name = targets.first?.destination.subset
    policy = rule?.trafficPolicy
    subset = name.flatMap { rule?.subset(named: $0) }?.trafficPolicy
    isSingle = targets.count == 1
    namesSubset = name != nil
  }

  var idleTimeout: Duration? { policy?.connectionPool?.tcp?.idleTimeout }
  var maxConnectionDuration: Duration? { policy?.connectionPool?.tcp?.maxConnectionDuration }

  var hashesBySource: Bool {
    let balancer = subset?.loadBalancer ?? policy?.loadBalancer
    guard case .consistentHash(let hash) = balancer?.policy else { return false }
    return hash.key == .useSourceIP(true)
  }

  var tunnel: TrafficPolicy.TunnelSettings? {
    isSingle && namesSubset ? subset?.tunnel : policy?.tunnel
  }
}
