/// networking.istio.io DestinationRule: how traffic for a host is treated once it is known to go there.
package struct DestinationRule: ResourceSpec {
  package static let kind = Kind.destinationRule

  /// As written: a short name is not completed.
  package var host: String
  @Boxed package var trafficPolicy: TrafficPolicy?
  package var subsets: [Subset]
  /// Empty means the mesh's default.
  package var exportTo: [ExportTarget]
  /// Labels of the proxies that follow the rule; nil for all.
  package var workloadSelector: [String: String]?

  package init(
    host: String, trafficPolicy: TrafficPolicy? = nil, subsets: [Subset] = [],
    exportTo: [ExportTarget] = [], workloadSelector: [String: String]? = nil
  ) {
    self.host = host
    self.trafficPolicy = trafficPolicy
    self.subsets = subsets
    self.exportTo = exportTo
    self.workloadSelector = workloadSelector
  }

  /// Endpoints of the host that carry some labels.
  package struct Subset: Hashable, Sendable {
    package var name: String
    package var labels: [String: String]
    @Boxed package var trafficPolicy: TrafficPolicy?
    package var position: SourcePosition

    package init(
      name: String, labels: [String: String] = [:], trafficPolicy: TrafficPolicy? = nil,
      position: SourcePosition = .unknown
    ) {
      self.name = name
      self.labels = labels
      self.trafficPolicy = trafficPolicy
      self.position = position
    }
  }
}

/// Balancing, limits, health and encryption for a host or a subset.
package struct TrafficPolicy: Hashable, Sendable {
  @Boxed package var loadBalancer: LoadBalancerSettings?
  @Boxed package var connectionPool: ConnectionPoolSettings?
  @Boxed package var outlierDetection: OutlierDetection?
  @Boxed package var tls: ClientTLSSettings?
  package var portLevelSettings: [PortTrafficPolicy]
  @Boxed package var tunnel: TunnelSettings?
  package var proxyProtocol: ProxyProtocolVersion?
  @Boxed package var retryBudget: RetryBudget?

  package init(
    loadBalancer: LoadBalancerSettings? = nil, connectionPool: ConnectionPoolSettings? = nil,
    outlierDetection: OutlierDetection? = nil, tls: ClientTLSSettings? = nil,
    portLevelSettings: [PortTrafficPolicy] = [], tunnel: TunnelSettings? = nil,
    proxyProtocol: ProxyProtocolVersion? = nil, retryBudget: RetryBudget? = nil
  ) {
    self.loadBalancer = loadBalancer
    self.connectionPool = connectionPool
    self.outlierDetection = outlierDetection
    self.tls = tls
    self.portLevelSettings = portLevelSettings
    self.tunnel = tunnel
    self.proxyProtocol = proxyProtocol
    self.retryBudget = retryBudget
  }

  /// Takes the place of all four settings for one port.
  package struct PortTrafficPolicy: Hashable, Sendable {
    package var port: Int
    @Boxed package var loadBalancer: LoadBalancerSettings?
    @Boxed package var connectionPool: ConnectionPoolSettings?
    @Boxed package var outlierDetection: OutlierDetection?
    @Boxed package var tls: ClientTLSSettings?
    package var position: SourcePosition

    package init(
      port: Int, loadBalancer: LoadBalancerSettings? = nil,
      connectionPool: ConnectionPoolSettings? = nil, outlierDetection: OutlierDetection? = nil,
      tls: ClientTLSSettings? = nil, position: SourcePosition = .unknown
    ) {
      self.port = port
      self.loadBalancer = loadBalancer
      self.connectionPool = connectionPool
      self.outlierDetection = outlierDetection
      self.tls = tls
      self.position = position
    }
  }

  /// A proxy that connections are sent through, by HTTP CONNECT or POST.
  package struct TunnelSettings: Hashable, Sendable {
    package var method: Method
    package var targetHost: String
    package var targetPort: Int

    package init(method: Method = .connect, targetHost: String, targetPort: Int) {
      self.method = method
      self.targetHost = targetHost
      self.targetPort = targetPort
    }

    package enum Method: String, CaseIterable, Sendable {
      case connect = "CONNECT"
      case post = "POST"
    }
  }

  package enum ProxyProtocolVersion: String, CaseIterable, Sendable {
    case v1 = "V1"
    case v2 = "V2"
  }

  /// How many retries may be under way, as a share of the requests that are.
  package struct RetryBudget: Hashable, Sendable {
    package var percent: Double?
    /// 0 is Istio's default.
    package var minRetryConcurrency: Int
    package var budgetInterval: Duration?

    package init(
      percent: Double? = nil, minRetryConcurrency: Int = 0, budgetInterval: Duration? = nil
    ) {
      self.percent = percent
      self.minRetryConcurrency = minRetryConcurrency
      self.budgetInterval = budgetInterval
    }
  }
}

/// How many connections and requests may be under way. 0 leaves a limit at its default.
package struct ConnectionPoolSettings: Hashable, Sendable {
  package var tcp: TCPSettings?
  package var http: HTTPSettings?

  package init(tcp: TCPSettings? = nil, http: HTTPSettings? = nil) {
    self.tcp = tcp
    self.http = http
  }

  package struct TCPSettings: Hashable, Sendable {
    package var maxConnections: Int
    package var connectTimeout: Duration?
    package var tcpKeepalive: TCPKeepalive?
    package var maxConnectionDuration: Duration?
    package var idleTimeout: Duration?

    package init(
      maxConnections: Int = 0, connectTimeout: Duration? = nil, tcpKeepalive: TCPKeepalive? = nil,
      maxConnectionDuration: Duration? = nil, idleTimeout: Duration? = nil
    ) {
      self.maxConnections = maxConnections
      self.connectTimeout = connectTimeout
      self.tcpKeepalive = tcpKeepalive
      self.maxConnectionDuration = maxConnectionDuration
      self.idleTimeout = idleTimeout
    }
  }

  package struct HTTPSettings: Hashable, Sendable {
    package var http1MaxPendingRequests: Int
    package var http2MaxRequests: Int
    package var maxRequestsPerConnection: Int
    package var maxRetries: Int
    package var idleTimeout: Duration?
    package var h2UpgradePolicy: H2UpgradePolicy
    package var useClientProtocol: Bool
    package var maxConcurrentStreams: Int
    package var http2KeepAlive: HTTP2KeepAlive?

    package init(
      http1MaxPendingRequests: Int = 0, http2MaxRequests: Int = 0,
      maxRequestsPerConnection: Int = 0, maxRetries: Int = 0, idleTimeout: Duration? = nil,
      h2UpgradePolicy: H2UpgradePolicy = .default, useClientProtocol: Bool = false,
      maxConcurrentStreams: Int = 0, http2KeepAlive: HTTP2KeepAlive? = nil
    ) {
      self.http1MaxPendingRequests = http1MaxPendingRequests
      self.http2MaxRequests = http2MaxRequests
      self.maxRequestsPerConnection = maxRequestsPerConnection
      self.maxRetries = maxRetries
      self.idleTimeout = idleTimeout
      self.h2UpgradePolicy = h2UpgradePolicy
      self.useClientProtocol = useClientProtocol
      self.maxConcurrentStreams = maxConcurrentStreams
      self.http2KeepAlive = http2KeepAlive
    }
  }

  package enum H2UpgradePolicy: String, CaseIterable, Sendable {
    case `default` = "DEFAULT"
    case doNotUpgrade = "DO_NOT_UPGRADE"
    case upgrade = "UPGRADE"
  }

  package struct HTTP2KeepAlive: Hashable, Sendable {
    package var interval: Duration?
    package var timeout: Duration?

    package init(interval: Duration? = nil, timeout: Duration? = nil) {
      self.interval = interval
      self.timeout = timeout
    }
  }
}

/// TCP's own probes of an idle connection; 0 leaves the number at its default.
package struct TCPKeepalive: Hashable, Sendable {
  package var probes: Int
  package var time: Duration?
  package var interval: Duration?

  package init(probes: Int = 0, time: Duration? = nil, interval: Duration? = nil) {
    self.probes = probes
    self.time = time
    self.interval = interval
  }
}

/// When an endpoint that fails is left out for a while.
package struct OutlierDetection: Hashable, Sendable {
  /// Deprecated, and without effect.
  package var consecutiveErrors: Int
  package var splitExternalLocalOriginErrors: Bool
  package var consecutiveLocalOriginFailures: Int?
  package var consecutiveGatewayErrors: Int?
  package var consecutive5xxErrors: Int?
  package var interval: Duration?
  package var baseEjectionTime: Duration?
  package var maxEjectionPercent: Int
  package var minHealthPercent: Int
  package var httpErrorCodes: [Int]

  package init(
    consecutiveErrors: Int = 0, splitExternalLocalOriginErrors: Bool = false,
    consecutiveLocalOriginFailures: Int? = nil, consecutiveGatewayErrors: Int? = nil,
    consecutive5xxErrors: Int? = nil, interval: Duration? = nil, baseEjectionTime: Duration? = nil,
    maxEjectionPercent: Int = 0, minHealthPercent: Int = 0, httpErrorCodes: [Int] = []
  ) {
    self.consecutiveErrors = consecutiveErrors
    self.splitExternalLocalOriginErrors = splitExternalLocalOriginErrors
    self.consecutiveLocalOriginFailures = consecutiveLocalOriginFailures
    self.consecutiveGatewayErrors = consecutiveGatewayErrors
    self.consecutive5xxErrors = consecutive5xxErrors
    self.interval = interval
    self.baseEjectionTime = baseEjectionTime
    self.maxEjectionPercent = maxEjectionPercent
    self.minHealthPercent = minHealthPercent
    self.httpErrorCodes = httpErrorCodes
  }
}

/// How connections to a service are encrypted.
package struct ClientTLSSettings: Hashable, Sendable {
  package var mode: Mode
  package var clientCertificate: String?
  package var privateKey: String?
  package var caCertificates: String?
  package var caCrl: String?
  package var credentialName: String?
  package var subjectAltNames: [String]
  package var sni: String?
  package var insecureSkipVerify: Bool?
  package var position: SourcePosition

  package init(
    mode: Mode = .disable, clientCertificate: String? = nil, privateKey: String? = nil,
    caCertificates: String? = nil, caCrl: String? = nil, credentialName: String? = nil,
    subjectAltNames: [String] = [], sni: String? = nil, insecureSkipVerify: Bool? = nil,
    position: SourcePosition = .unknown
  ) {
    self.mode = mode
    self.clientCertificate = clientCertificate
    self.privateKey = privateKey
    self.caCertificates = caCertificates
    self.caCrl = caCrl
    self.credentialName = credentialName
    self.subjectAltNames = subjectAltNames
    self.sni = sni
    self.insecureSkipVerify = insecureSkipVerify
    self.position = position
  }

  package enum Mode: String, CaseIterable, Sendable {
    case disable = "DISABLE"
    case simple = "SIMPLE"
    case mutual = "MUTUAL"
    case istioMutual = "ISTIO_MUTUAL"
  }
}
