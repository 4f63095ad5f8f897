internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Which HTTP a cluster speaks, and how long its connections live (Istio's `setUpstreamProtocol`,
/// `applyH2Upgrade`, `applyConnectionPool` in that order).
struct UpstreamProtocol {
  private let version: Version
  private let preservesCase: Bool
  private let pool: ConnectionPoolSettings?
  private let errorCodes: [Int]
  /// Something asked for options, so that they are there even if all are defaults.
  private let isPresent: Bool

  private enum Version {
    case unstated
    case http1
    case http2
    /// What the client speaks.
    case downstream
  }

  init(_ plan: ClusterPlan) {
    let pool = plan.policy.connectionPool
    let port = plan.port.portProtocol
    let config = plan.traits.metadata.proxyConfig
    let preserves =
      config.map { $0.proxyHeaders.preserveHttp1HeaderCase == true }
      ?? plan.settings.preservesHeaderCase
    let keepsCase = preserves && (port == .http || port == .httpProxy || port == .unsupported)
    let isUpgraded = Self.isUpgraded(pool?.http, port, mesh: plan.settings.upgradesToHTTP2)
    let stated: Version =
      port.isHTTP2
      ? .http2
      : plan.traits.type == .sidecar && port == .unsupported
        ? .downstream : keepsCase ? .http1 : isUpgraded ? .http2 : .unstated
    let usesClients = pool?.http?.useClientProtocol == true
    version = usesClients ? .downstream : stated
    preservesCase = keepsCase
    self.pool = pool
    errorCodes = plan.policy.outlierDetection?.httpErrorCodes ?? []
    isPresent =
      stated != .unstated || usesClients || isUpgraded || !errorCodes.isEmpty
      || Self.hasConnectionOptions(pool)
  }

  /// Known to speak HTTP/2 whatever the client does, which goes into ALPN.
  var isHTTP2: Bool { version == .http2 }

  private static func isUpgraded(
    _ http: ConnectionPoolSettings.HTTPSettings?, _ port: PortProtocol, mesh: Bool
  ) -> Bool {
    if http?.useClientProtocol == true { return false }
    return switch http?.h2UpgradePolicy {
    case .upgrade: true
    case .doNotUpgrade: false
    case .default, nil: mesh && port.isHTTP
    }
  }

  private static func hasConnectionOptions(_ pool: ConnectionPoolSettings?) -> Bool {
    guard let pool else { return false }
    let http = pool.http
    return http?.idleTimeout != nil || pool.tcp?.idleTimeout != nil
      || pool.tcp?.maxConnectionDuration != nil || (http?.maxRequestsPerConnection ?? 0) > 0
      || (http?.maxConcurrentStreams ?? 0) > 0 || http?.http2KeepAlive != nil
  }

  // MARK: Messages

  /// The extension options of a cluster; empty where nothing is asked for.
  func options(
    tls: Envoy.UpstreamHttpProtocolOptions?
  ) -> Envoy.Map<String, Envoy.AnyMessage> {
    guard isPresent || tls != nil else { return .init([]) }
    return [
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": .pack(
        Envoy.ClusterHttpProtocolOptions(
          commonHttpProtocolOptions: common, upstreamHttpProtocolOptions: tls,
          upstreamProtocolOptions: protocolOptions, outlierDetection: outlierDetection))
    ]
  }

  private var protocolOptions: Envoy.ClusterHttpProtocolOptions.UpstreamProtocolOptions {
    switch version {
    case .unstated: .explicitHttpConfig(.init(protocolConfig: .httpProtocolOptions(.init())))
    case .http1: .explicitHttpConfig(.init(protocolConfig: .httpProtocolOptions(http1)))
    case .http2: .explicitHttpConfig(.init(protocolConfig: .http2ProtocolOptions(http2)))
    case .downstream:
      .useDownstreamProtocolConfig(
        .init(httpProtocolOptions: http1, http2ProtocolOptions: .init()))
    }
  }

  private var http1: Envoy.Http1ProtocolOptions {
    preservesCase ? .preservingCase : .init()
  }

  private var http2: Envoy.Http2ProtocolOptions {
    let streams = pool?.http?.maxConcurrentStreams ?? 0
    return .init(
      maxConcurrentStreams: streams > 0 ? UInt32(clamping: streams) : nil,
      connectionKeepalive: pool?.http?.http2KeepAlive.map {
        .init(interval: $0.interval, timeout: $0.timeout)
      })
  }

  private var common: Envoy.HttpProtocolOptions? {
    guard Self.hasConnectionOptions(pool) else { return nil }
    let requests = pool?.http?.maxRequestsPerConnection ?? 0
    return .init(
      idleTimeout: pool?.http?.idleTimeout ?? pool?.tcp?.idleTimeout,
      maxConnectionDuration: pool?.tcp?.maxConnectionDuration,
      maxRequestsPerConnection: requests > 0 ? UInt32(clamping: requests) : nil)
  }

  private var outlierDetection: Envoy.ClusterHttpProtocolOptions.OutlierDetection? {
    let rules = errorCodes.map { code in
      Envoy.MatchPredicate(
        rule: .httpResponseHeadersMatch(
          .init(headers: [
            .init(
              name: ":status",
              headerMatchSpecifier: .stringMatch(.init(matchPattern: .exact("\(code)"))))
          ])))
    }
    guard let first = rules.first else { return nil }
    return .init(
      errorMatcher: rules.count == 1 ? first : .init(rule: .orMatch(.init(rules: rules))))
  }
}

extension Envoy.Http1ProtocolOptions {
  /// Header names keep the letters they came with.
  static var preservingCase: Envoy.Http1ProtocolOptions {
    .init(
      headerKeyFormat: .init(
        headerFormat: .statefulFormatter(
          .init(
            name: "preserve_case", typedConfig: .pack(Envoy.PreserveCaseFormatterConfig())))))
  }
}
