internal import EnvoyAPI
package import Incremental
package import Mesh
internal import Resources
internal import Segments

/// The listeners of a class of proxies: for gateways, what their Gateways' servers come to.
package final class ListenerCompiler {
  package let listeners: ResourceTable<SentListener>
  /// The clusters that connections are sent to without any route, sorted.
  package let references: Derived<ProxyClass, [ClusterName]>

  /// One chain of one listener.
  struct ChainKey: Digested {
    let listener: ResourceKey<ListenerName>
    let plan: FilterChainPlan

    var digest: UInt64 {
      plan.digest.mixed(with: listener.proxies.digest)
        .mixed(with: UInt64(truncatingIfNeeded: listener.name.port))
    }
  }

  package init(_ model: MeshModel) {
    let graph = model.graph
    let authorization = AuthorizationFilters(model)
    let chainCompiler = FilterChainCompiler(model, authorization)
    let plans = Derived<ResourceKey<ListenerName>, [FilterChainPlan]>(graph, "filterChainPlans") {
      FilterChainPlanner(model: model, proxies: $0.proxies).plans(for: $0.name)
    }
    let chains = Derived<ChainKey, Rope>(graph, "filterChain") { chainCompiler.chain($0) }
    let keys = { (listener: ResourceKey<ListenerName>) in
      plans(listener).map { ChainKey(listener: listener, plan: $0) }
    }
    let gathered = Gathered(graph, "filterChains", of: chains, keys: keys)
    let names = Derived<ProxyClass, [ListenerName]>(graph, "listenerNames") { proxies in
      ListenerCompiler.names(model.gateways.merged(proxies), proxies)
    }
    let own = { (key: ResourceKey<ListenerName>) -> Rope? in
      let plans = plans(key)
      let inspectsTLS = plans.contains { $0.needsTLSInspector }
      return plans.isEmpty
        ? nil : ListenerCompiler.ownFields(key, inspectsTLS: inspectsTLS, model)
    }
    let patching = ListenerPatching(model, own: own, keys: keys, chains: chains)
    listeners = ResourceTable(
      names: Derived(graph, "sentListeners") { proxies in
        let names = names(proxies)
        return names.map { .ofServers($0) }
          + patching.added(to: names, proxies).map { .added($0) }
      },
      bodies: Derived(graph, "listener") { key in
        switch key.name {
        case .added(let name): return patching.added(name, key.proxies)
        case .ofServers(let name):
          let listener = ResourceKey(key.proxies, name)
          if patching.isNeeded(for: key.proxies) { return patching.body(listener) }
          return own(listener).map { Rope(joining: [$0] + gathered(listener)) }
        }
      },
      text: \.text)
    let ofMesh = Derived<ProxyClass, [ClusterName]>(graph, "listenerReferences.ofMesh") {
      proxies in
      let config = proxies.traits.metadata.proxyConfig ?? model.store.meshConfig.defaultConfig
      return AccessLogs(model, proxies).references + Tracing(proxies, model, config).references
    }
    references = Derived(graph, "listenerReferences") { proxies in
      let credentials = ServerCredentials(model, proxies.traits)
      let plans = names(proxies).flatMap { plans(ResourceKey(proxies, $0)) }
      let reached =
        plans.flatMap { $0.references(model, proxies, credentials) }
        + Set(plans.compactMap(\.authorizationLayer)).flatMap {
          authorization.references(proxies, $0)
        }
      return Set(plans.isEmpty ? [] : reached + ofMesh(proxies)).sorted()
    }
  }

  private static func names(
    _ merged: MergedGateway, _ proxies: ProxyClass
  ) -> [ListenerName] {
    let mayOpen = { (port: Int) in port >= 1024 || !proxies.traits.metadata.isUnprivilegedPod }
    let quic = merged.entries.filter { !$0.quicServers.isEmpty }
    let names =
      merged.entries.map { ListenerName($0, of: proxies) }
      + quic.map { ListenerName($0, of: proxies, isQUIC: true) }
    return Set(names).filter { mayOpen($0.port) }.sorted()
  }

  /// All of a listener but its chains.
  private static func ownFields(
    _ key: ResourceKey<ListenerName>, inspectsTLS: Bool, _ model: MeshModel
  ) -> Rope {
    let traits = key.proxies.traits
    let config = traits.metadata.proxyConfig ?? model.store.meshConfig.defaultConfig
    let settings = ConnectionLimits(traits, model.store.meshConfig)
    let bytes = Envoy.encode {
      Envoy.Listener(
        name: key.name.text,
        address: .listening(key.name),
        perConnectionBufferLimitBytes: settings.bufferBytes,
        listenerFilters: key.name.isQUIC
          ? []
          : (config.gatewayTopology.usesProxyProtocol ? [.proxyProtocol] : [])
            + (inspectsTLS ? [.tlsInspector] : []),
        trafficDirection: .outbound,
        udpListenerConfig: key.name.isQUIC
          ? .init(downstreamSocketConfig: .init(), quicOptions: .init()) : nil,
        connectionBalanceConfig: traits.metadata.outboundListenerExactBalance && !key.name.isQUIC
          ? .init(balanceType: .exactBalance(.init())) : nil,
        accessLog: AccessLogs(model, key.proxies).listener,
        maxConnectionsToAcceptPerSocketEvent: 1)
    }
    return Rope(bytes)
  }
}

extension FilterChainPlan {
  /// The listener has to look for a server name, or to agree on a protocol.
  var needsTLSInspector: Bool {
    switch self {
    case .http: false
    case .https, .passthrough, .crossNetwork, .closed: true
    case .connections(let server, _): server.spec.tls != nil
    }
  }

  /// What policies judge there; nothing where SNI spells the cluster.
  fileprivate var authorizationLayer: AuthorizationLayer? {
    switch self {
    case .http, .https: .requests
    case .connections, .passthrough: .connections
    case .crossNetwork, .closed: nil
    }
  }

  fileprivate func references(
    _ model: MeshModel, _ proxies: ProxyClass, _ credentials: ServerCredentials
  ) -> [ClusterName] {
    switch self {
    case .http, .closed: []
    case .https(let server, _): server.spec.tls.map(credentials.services) ?? []
    case .crossNetwork(let service, let port, let subset):
      [.sniDNAT(port: port.number, subset: subset, host: service.host)]
    case .connections(let server, let route), .passthrough(let server, let route):
      ConnectionTarget.sharing(
        ConnectionTarget.targets(of: route, from: server, model, proxies)
      ).map(\.cluster)
        + (server.spec.tls.map(credentials.services) ?? [])
    }
  }
}

extension Envoy.Address {
  /// A bind without a port is the path of a Unix socket.
  fileprivate static func listening(_ listener: ListenerName) -> Envoy.Address {
    guard listener.port == 0 else {
      return .socket(listener.address, listener.port, protocol: listener.isQUIC ? .udp : .tcp)
    }
    let scheme = "unix://"
    let path =
      listener.address.hasPrefix(scheme)
      ? String(listener.address.dropFirst(scheme.count)) : listener.address
    return .init(address: .pipe(.init(path: path)))
  }

  static func socket(
    _ address: String, _ port: Int, protocol: Envoy.SocketAddress.ProtocolKind = .tcp
  ) -> Envoy.Address {
    .init(
      address: .socketAddress(
        .init(
          protocol: `protocol`, address: address,
          portSpecifier: .portValue(UInt32(clamping: port)))))
  }
}

extension Envoy.ListenerFilter {
  static var proxyProtocol: Envoy.ListenerFilter {
    .init(
      name: "envoy.filters.listener.proxy_protocol",
      configType: .typedConfig(.pack(Envoy.ProxyProtocol())))
  }
  static var tlsInspector: Envoy.ListenerFilter {
    .init(
      name: "envoy.filters.listener.tls_inspector",
      configType: .typedConfig(.pack(Envoy.TlsInspector(initialReadBufferSize: 512))))
  }
}
