internal import EnvoyAPI
internal import Mesh
internal import Resources

/// The HTTP filters of a connection manager, in istiod's order. Istio's own ones are left out for a
/// stock Envoy, which would refuse them.
struct HTTPFilters {
  private let model: MeshModel
  private let proxies: ProxyClass
  private let config: ProxyConfig
  private let authorization: AuthorizationFilters
  private let extensions: ExtensionFilters

  /// `port` is the number that the listener's chains are known by.
  init(
    _ model: MeshModel, _ proxies: ProxyClass, _ config: ProxyConfig,
    _ authorization: AuthorizationFilters, port: Int
  ) {
    self.model = model
    self.proxies = proxies
    self.config = config
    self.authorization = authorization
    extensions = ExtensionFilters(model, proxies, port: port)
  }

  private var isIstioProxy: Bool { proxies.traits.istioVersion != nil }

  func gateway(isGRPCWeb: Bool) -> [Envoy.HttpFilter] {
    var filters: [Envoy.HttpFilter] = []
    if isIstioProxy { filters.append(metadataExchange) }
    filters += policies
    if isGRPCWeb { filters.append(.filter("envoy.filters.http.grpc_web", Envoy.GrpcWeb())) }
    filters.append(
      .filter(
        "envoy.filters.http.grpc_stats",
        Envoy.GrpcStatsFilterConfig(
          emitFilterState: true, perMethodStatSpecifier: .statsForAllMethods(false))))
    if isIstioProxy { filters.append(alpn) }
    filters.append(.filter("envoy.filters.http.fault", Envoy.HTTPFault()))
    filters.append(.filter("envoy.filters.http.cors", Envoy.Cors()))
    if isIstioProxy { filters += Metrics(model, proxies).http }
    filters.append(
      .filter(
        "envoy.filters.http.router",
        Envoy.Router(
          startChildSpan: false,
          suppressEnvoyHeaders: config.proxyHeaders.envoyDebugHeadersDisabled == true)))
    return filters
  }

  /// What policies ask for, in the order in which they look at a request.
  private var policies: [Envoy.HttpFilter] {
    authorization.customHTTP(proxies) + extensions.http(.authn) + TokenFilters(model, proxies).http
      + extensions.http(.authz) + authorization.http(proxies) + extensions.http(.stats)
      + extensions.http(.unspecified)
  }

  private var metadataExchange: Envoy.HttpFilter {
    let headers: Envoy.Value =
      config.proxyHeaders.metadataExchangeMode == .inMesh
      ? ["istio_headers": ["skip_external_clusters": true]] : ["istio_headers": [:]]
    return .filter(
      "istio.metadata_exchange",
      Envoy.TypedStruct(
        typeUrl: "type.googleapis.com/io.istio.http.peer_metadata.Config",
        value: [
          "upstream_discovery": [["istio_headers": [:]], ["workload_discovery": [:]]],
          "upstream_propagation": [headers],
        ]))
  }

  private var alpn: Envoy.HttpFilter {
    .filter(
      "istio.alpn",
      Envoy.AlpnFilterConfig(
        alpnOverride: [
          .init(upstreamProtocol: .http10, alpnOverride: ["istio-http/1.0", "istio", "http/1.0"]),
          .init(upstreamProtocol: .http11, alpnOverride: ["istio-http/1.1", "istio", "http/1.1"]),
          .init(upstreamProtocol: .http2, alpnOverride: ["istio-h2", "istio", "h2"]),
        ]))
  }
}

extension Envoy.HttpFilter {
  static func filter(_ name: String, _ config: some EnvoyMessage) -> Envoy.HttpFilter {
    .init(name: name, configType: .typedConfig(.pack(config)))
  }
}

extension Envoy.Filter {
  static func filter(_ name: String, _ config: some EnvoyMessage) -> Envoy.Filter {
    .init(name: name, configType: .typedConfig(.pack(config)))
  }
}
