internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources
internal import Segments

/// Filter chains of gateways in Envoy's words, each as an element of its listener's `filter_chains`.
///
/// The connection managers of a class are alike but for two names, so their bytes are made once and
/// stand in every chain by reference.
final class FilterChainCompiler {
  private let model: MeshModel
  private let settings: ChainSettings
  private let authorization: AuthorizationFilters
  private let managers: Derived<ConnectionManagerKey, SharedFilters>
  /// Transport sockets with the mesh's certificates, encoded.
  private let meshSockets: Derived<MeshSocketKey, [UInt8]>
  private let forms = MessageForms<PlainChain.Kind>()
  private let managerName = Envoy.encode {
    Envoy.Filter(name: "envoy.filters.network.http_connection_manager")
  }

  private struct ConnectionManagerKey: Digested {
    let proxies: ProxyClass
    let isGRPCWeb: Bool
    let isQUIC: Bool
    /// As extensions know the listener's; 0 where none of them looks at it, so that listeners share.
    let port: Int

    var digest: UInt64 {
      proxies.digest.mixed(with: UInt64(truncatingIfNeeded: port))
        .mixed(with: isGRPCWeb.digest << 2 | isQUIC.digest)
    }
  }

  /// Of a server that asks for the mesh's own certificates and says nothing else of TLS, as most do that
  /// ask for them.
  private struct MeshSocketKey: Digested {
    let proxies: ProxyClass
    let portProtocol: PortProtocol
    let isQUIC: Bool

    static let asked = ServerTLSSettings(mode: .istioMutual)
    /// There are few of a class.
    var digest: UInt64 { proxies.digest }
  }

  /// What the chains of a class have in common.
  private struct SharedFilters: Equatable {
    /// Those before the connection manager, each an element of its chain.
    let first: [Segment]
    let manager: Segment
  }

  init(_ model: MeshModel, _ authorization: AuthorizationFilters) {
    self.model = model
    self.authorization = authorization
    let settings = ChainSettings(model)
    self.settings = settings
    meshSockets = Derived(model.graph, "meshSocket") { key in
      let asked = DownstreamTLS.Asked(MeshSocketKey.asked, key.portProtocol, isQUIC: key.isQUIC)
      return Envoy.encode {
        DownstreamTLS(asked, key.proxies, settings.tls(key.proxies)).transportSocket
      }
    }
    managers = Derived(model.graph, "httpConnectionManager") { key in
      SharedFilters(
        // Over QUIC there are no bytes of a connection to look at.
        first: Envoy.elements(ofField: Field.chainFilters) {
          key.isQUIC ? [] : ExtensionFilters(model, key.proxies, port: key.port).network
        },
        manager: HTTPConnectionManager(
          key.proxies, model, authorization, isGRPCWeb: key.isGRPCWeb, isQUIC: key.isQUIC,
          port: key.port
        ).shared)
    }
  }

  func chain(_ key: ListenerCompiler.ChainKey) -> Rope {
    switch key.plan {
    case .http(let routes, let isGRPCWeb):
      return chain(
        key, routes, statPrefix: key.listener.name.statPrefix, isGRPCWeb: isGRPCWeb,
        own: { Envoy.FilterChain(transportSocketConnectTimeout: .seconds(15)) })
    case .https(let server, let routes):
      let prefix = server.spec.name.flatMap { $0.isEmpty ? nil : $0 }
      return chain(
        key, server, routes, statPrefix: prefix ?? key.listener.name.statPrefix)
    case .connections(let server, let route):
      let filters = connectionFilters(key.listener.proxies).filters(route, from: server)
      return chain(own: { self.ownFields(key, server) }, filters)
    case .passthrough(let server, let route):
      let filters = connectionFilters(key.listener.proxies).filters(route, from: server)
      return chain(
        own: {
          Envoy.FilterChain(
            filterChainMatch: key.plan.match, transportSocketConnectTimeout: .seconds(15))
        }, filters)
    case .closed:
      // Envoy ends connections of a chain without filters.
      return chain(
        own: {
          Envoy.FilterChain(
            filterChainMatch: key.plan.match, transportSocketConnectTimeout: .seconds(15))
        }, .empty)
    case .crossNetwork(let service, let port, let subset):
      let filters = connectionFilters(key.listener.proxies).crossNetwork(
        service, port: port, subset: subset)
      return chain(
        own: {
          Envoy.FilterChain(
            filterChainMatch: .init(
              serverNames: key.plan.serverNames ?? [],
              applicationProtocols: [
                "istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2",
              ]), transportSocketConnectTimeout: .seconds(15))
        }, filters)
    }
  }

  /// Field numbers of `envoy.config.listener.v3`.
  private enum Field {
    static let listenerFilterChains = 3
    static let chainFilters = 3
    static let filterTypedConfig = 4
  }

  /// A chain of its own fields and its filters, as a field of its listener.
  private func chain(own: () -> Envoy.FilterChain, _ filters: Rope) -> Rope {
    Envoy.element(ofField: Field.listenerFilterChains, then: filters, own)
  }

  /// A chain of its own fields and a connection manager.
  private func chain(
    _ key: ListenerCompiler.ChainKey, _ routes: RouteName, statPrefix: String, isGRPCWeb: Bool,
    own: () -> Envoy.FilterChain
  ) -> Rope {
    chain(shared(key, isGRPCWeb: isGRPCWeb), routes.text, statPrefix: statPrefix, own: own)
  }

  /// A chain of HTTPS.
  private func chain(
    _ key: ListenerCompiler.ChainKey, _ server: GatewayServer, _ routes: RouteName,
    statPrefix: String
  ) -> Rope {
    let shared = shared(key, isGRPCWeb: false)
    if shared.first.isEmpty, let socket = meshSocket(key, server),
      let plain = PlainChain(
        socket: socket, rest: shared.manager.count, statPrefix: statPrefix, routes: routes,
        serverNames: key.plan.serverNames),
      let form = forms.form(
        of: plain.kind, plain.texts, { head(of: plain.kind, $0, then: shared.manager) })
    {
      return Rope(form.segment(plain.texts), then: Rope(shared.manager))
    }
    return chain(shared, routes.text, statPrefix: statPrefix) { ownFields(key, server) }
  }

  /// What stands before the connection manager's shared part in a chain of the kind with other names.
  private func head(
    of kind: PlainChain.Kind, _ texts: [String], then manager: Segment
  ) -> [UInt8] {
    Envoy.inScope {
      headed(manager, PlainChain.routes(texts), statPrefix: PlainChain.statPrefix(texts))
        .after(PlainChain.own(kind, texts)).field(Field.listenerFilterChains).head
    }
  }

  private func shared(
    _ key: ListenerCompiler.ChainKey, isGRPCWeb: Bool
  ) -> SharedFilters {
    let proxies = key.listener.proxies
    let port = model.policies.extensions.lookAtPorts(proxies) ? key.listener.name.port : 0
    return managers(
      ConnectionManagerKey(
        proxies: proxies, isGRPCWeb: isGRPCWeb, isQUIC: key.listener.name.isQUIC, port: port))
  }

  private func chain(
    _ shared: SharedFilters, _ routes: String, statPrefix: String, own: () -> Envoy.FilterChain
  ) -> Rope {
    Envoy.inScope {
      let manager = headed(shared.manager, routes, statPrefix: statPrefix)
      guard !shared.first.isEmpty else {
        return manager.after(own()).field(Field.listenerFilterChains).rope
      }
      return chain(own: own, Rope(joining: shared.first.map { Rope($0) } + [manager.rope]))
    }
  }

  /// A connection manager as a filter of its chain.
  private func headed(
    _ manager: Segment, _ routes: String, statPrefix: String
  ) -> HeadedMessage {
    HeadedMessage(
      Envoy.HttpConnectionManager(
        statPrefix: statPrefix,
        routeSpecifier: .rds(.init(configSource: .ads, routeConfigName: routes))),
      then: Rope(manager)
    ).any(Envoy.HttpConnectionManager.messageType).field(Field.filterTypedConfig)
      .after(managerName).field(Field.chainFilters)
  }

  private func ownFields(
    _ key: ListenerCompiler.ChainKey, _ server: GatewayServer
  ) -> Envoy.FilterChain {
    .https(
      serverNames: key.plan.serverNames,
      server.spec.tls.map { transportSocket(key, server, $0) })
  }

  /// Encoded, where the server asks for the mesh's certificates and says nothing else of TLS.
  private func meshSocket(
    _ key: ListenerCompiler.ChainKey, _ server: GatewayServer
  ) -> [UInt8]? {
    guard server.spec.tls == MeshSocketKey.asked else { return nil }
    return meshSockets(
      MeshSocketKey(
        proxies: key.listener.proxies, portProtocol: server.spec.port.portProtocol,
        isQUIC: key.listener.name.isQUIC))
  }

  private func transportSocket(
    _ key: ListenerCompiler.ChainKey, _ server: GatewayServer, _ settings: ServerTLSSettings
  ) -> Envoy.TransportSocket {
    if let encoded = meshSocket(key, server) { return .init(encoded: encoded) }
    let proxies = key.listener.proxies
    let asked = DownstreamTLS.Asked(
      settings, server.spec.port.portProtocol, isQUIC: key.listener.name.isQUIC)
    return DownstreamTLS(asked, proxies, self.settings.tls(proxies)).transportSocket
  }

  private func connectionFilters(_ proxies: ProxyClass) -> ConnectionFilters {
    ConnectionFilters(
      model: model, proxies: proxies, settings: settings.connections(proxies),
      authorization: authorization)
  }
}

extension FilterChainPlan {
  fileprivate var match: Envoy.FilterChainMatch? { serverNames.map { .init(serverNames: $0) } }
}

extension ListenerName {
  /// What statistics of requests that come in by it are called.
  fileprivate var statPrefix: String {
    .written {
      $0.add("outbound_")
      write(to: &$0)
      $0.add(";")
    }
  }
}
