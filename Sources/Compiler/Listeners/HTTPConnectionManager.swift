internal import EnvoyAPI
internal import Mesh
internal import Resources
internal import Segments

/// The HTTP connection manager of a gateway, but for its statistics' name and its routes: all chains
/// of a class share these bytes (istiod's `buildHTTPConnectionManager`).
struct HTTPConnectionManager {
  private let proxies: ProxyClass
  private let traits: ProxyTraits
  private let model: MeshModel
  private let mesh: MeshConfig
  private let networks: MeshNetworks
  private let config: ProxyConfig
  private let limits: ConnectionLimits
  private let authorization: AuthorizationFilters
  private let isGRPCWeb: Bool
  private let isQUIC: Bool
  private let port: Int

  init(
    _ proxies: ProxyClass, _ model: MeshModel, _ authorization: AuthorizationFilters,
    isGRPCWeb: Bool, isQUIC: Bool, port: Int
  ) {
    self.proxies = proxies
    self.authorization = authorization
    self.model = model
    traits = proxies.traits
    mesh = model.store.meshConfig
    networks = model.store.meshNetworks
    config = traits.metadata.proxyConfig ?? mesh.defaultConfig
    limits = ConnectionLimits(traits, mesh)
    self.isGRPCWeb = isGRPCWeb
    self.isQUIC = isQUIC
    self.port = port
  }

  var shared: Segment {
    let tracing = Tracing(proxies, model, config)
    let bytes = Envoy.encode {
      Envoy.HttpConnectionManager(
        codecType: isQUIC ? .http3 : .auto,
        httpFilters: HTTPFilters(model, proxies, config, authorization, port: port).gateway(
          isGRPCWeb: isGRPCWeb),
        tracing: tracing.settings,
        commonHttpProtocolOptions: limits.commonOptions,
        httpProtocolOptions: http1,
        http2ProtocolOptions: limits.http2Options,
        http3ProtocolOptions: isQUIC ? .init() : nil,
        serverName: isServerHidden ? "" : config.proxyHeaders.server?.value ?? "istio-envoy",
        serverHeaderTransformation: isServerHidden ? .passThrough : .overwrite,
        streamIdleTimeout: limits.streamIdleTimeout,
        requestTimeout: limits.requestTimeout,
        requestHeadersTimeout: limits.requestHeadersTimeout,
        drainTimeout: limits.drainTimeout,
        accessLog: AccessLogs(model, proxies).http,
        useRemoteAddress: true,
        xffNumTrustedHops: UInt32(clamping: config.gatewayTopology.numTrustedProxies),
        internalAddressConfig: internalAddresses,
        generateRequestId: config.proxyHeaders.requestIDDisabled == true ? false : nil,
        forwardClientCertDetails: forwardedCertificate,
        setCurrentClientCertDetails: certificateDetails,
        proxy100Continue: true,
        upgradeConfigs: [.init(upgradeType: "websocket")],
        normalizePath: mesh.pathNormalization != .none,
        mergeSlashes: limits.mergeSlashes ?? mergesSlashes,
        pathWithEscapedSlashesAction: limits.escapedSlashes
          ?? (mesh.pathNormalization == .decodeAndMergeSlashes
            ? .unescapeAndForward : .keepUnchanged),
        requestIdExtension: .init(
          typedConfig: .pack(
            Envoy.UuidRequestIdConfig(
              useRequestIdForTraceSampling: tracing.usesRequestIDForSampling))),
        appendXForwardedPort: config.proxyHeaders.xForwardedPortEnabled == true)
    }
    return Segment(bytes + tracing.withholdingOfContext)
  }

  private var isServerHidden: Bool { config.proxyHeaders.server?.disabled == true }

  private var mergesSlashes: Bool {
    mesh.pathNormalization == .mergeSlashes || mesh.pathNormalization == .decodeAndMergeSlashes
  }

  private var http1: Envoy.Http1ProtocolOptions {
    let preservesCase = config.proxyHeaders.preserveHttp1HeaderCase == true
    return Envoy.Http1ProtocolOptions(
      acceptHttp10: traits.metadata.acceptsHTTP10,
      headerKeyFormat: preservesCase ? .preserveCase : nil)
  }

  private var forwardedCertificate: Envoy.HttpConnectionManager.ForwardClientCertDetails {
    switch config.gatewayTopology.forwardClientCertDetails {
    case .undefined, .sanitizeSet: .sanitizeSet
    case .sanitize: .sanitize
    case .forwardOnly: .forwardOnly
    case .appendForward: .appendForward
    case .alwaysForwardOnly: .alwaysForwardOnly
    }
  }

  private var certificateDetails: Envoy.HttpConnectionManager.SetCurrentClientCertDetails? {
    switch forwardedCertificate {
    case .sanitizeSet, .appendForward: .init(subject: true, cert: true, dns: true, uri: true)
    case .sanitize, .forwardOnly, .alwaysForwardOnly: nil
    }
  }

  /// The ranges that the mesh's networks are known by, in order.
  private var internalAddresses: Envoy.HttpConnectionManager.InternalAddressConfig? {
    let ranges = networks.networks.flatMap(\.value.endpoints).compactMap { endpoints in
      switch endpoints {
      case .fromCIDR(let text): CIDR(text)
      case .fromRegistry: nil
      }
    }
    guard !ranges.isEmpty else { return nil }
    return .init(
      cidrRanges: ranges.sorted().map {
        .init(addressPrefix: $0.address.text, prefixLen: UInt32(clamping: $0.length))
      })
  }
}

extension Envoy.Http1ProtocolOptions.HeaderKeyFormat {
  /// Header names leave as they came.
  static var preserveCase: Self {
    .init(
      headerFormat: .statefulFormatter(
        .init(
          name: "preserve_case",
          typedConfig: .pack(Envoy.PreserveCaseFormatterConfig()))))
  }
}
