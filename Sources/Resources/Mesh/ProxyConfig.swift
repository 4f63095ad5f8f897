/// The settings of one proxy (istio.mesh.v1alpha1.ProxyConfig): from MeshConfig.defaultConfig, or from the
/// proxy's own metadata, which then takes the place of the whole.
///
/// Not here, on purpose: what only the agent beside Envoy reads.
package struct ProxyConfig: Hashable, Sendable {
  package var gatewayTopology: Topology
  package var proxyHeaders: ProxyHeaders
  package var connectionSettings: ConnectionSettings?
  package var privateKeyProvider: PrivateKeyProvider?
  package var tracing: Tracing?
  package var interceptionMode: InterceptionMode
  package var concurrency: Int?
  package var statusPort: Int
  package var proxyAdminPort: Int
  package var discoveryAddress: String?
  package var serviceCluster: String?
  package var drainDuration: Duration?
  package var meshID: String?
  package var proxyMetadata: [String: String]
  package var runtimeValues: [String: String]
  package var hasEnvoyAccessLogService: Bool

  package init(
    gatewayTopology: Topology = Topology(), proxyHeaders: ProxyHeaders = ProxyHeaders(),
    connectionSettings: ConnectionSettings? = nil, privateKeyProvider: PrivateKeyProvider? = nil,
    tracing: Tracing? = nil, interceptionMode: InterceptionMode = .redirect,
    concurrency: Int? = nil, statusPort: Int = 15020, proxyAdminPort: Int = 15000,
    discoveryAddress: String? = nil, serviceCluster: String? = nil, drainDuration: Duration? = nil,
    meshID: String? = nil, proxyMetadata: [String: String] = [:],
    runtimeValues: [String: String] = [:], hasEnvoyAccessLogService: Bool = false
  ) {
    self.gatewayTopology = gatewayTopology
    self.proxyHeaders = proxyHeaders
    self.connectionSettings = connectionSettings
    self.privateKeyProvider = privateKeyProvider
    self.tracing = tracing
    self.interceptionMode = interceptionMode
    self.concurrency = concurrency
    self.statusPort = statusPort
    self.proxyAdminPort = proxyAdminPort
    self.discoveryAddress = discoveryAddress
    self.serviceCluster = serviceCluster
    self.drainDuration = drainDuration
    self.meshID = meshID
    self.proxyMetadata = proxyMetadata
    self.runtimeValues = runtimeValues
    self.hasEnvoyAccessLogService = hasEnvoyAccessLogService
  }

  package enum InterceptionMode: String, CaseIterable, Sendable {
    case redirect = "REDIRECT"
    case tproxy = "TPROXY"
    case none = "NONE"
  }

  /// What stands before a gateway.
  package struct Topology: Hashable, Sendable {
    package var numTrustedProxies: Int
    package var forwardClientCertDetails: ForwardClientCertDetails
    package var usesProxyProtocol: Bool

    package init(
      numTrustedProxies: Int = 0, forwardClientCertDetails: ForwardClientCertDetails = .undefined,
      usesProxyProtocol: Bool = false
    ) {
      self.numTrustedProxies = numTrustedProxies
      self.forwardClientCertDetails = forwardClientCertDetails
      self.usesProxyProtocol = usesProxyProtocol
    }
  }

  package enum ForwardClientCertDetails: String, CaseIterable, Sendable {
    case undefined = "UNDEFINED"
    case sanitize = "SANITIZE"
    case forwardOnly = "FORWARD_ONLY"
    case appendForward = "APPEND_FORWARD"
    case sanitizeSet = "SANITIZE_SET"
    case alwaysForwardOnly = "ALWAYS_FORWARD_ONLY"
  }

  /// An accelerator that holds private keys.
  package enum PrivateKeyProvider: Hashable, Sendable {
    case cryptomb(pollDelay: Duration?, fallback: Bool?)
    case qat(pollDelay: Duration?, fallback: Bool?)
  }
}

extension ProxyConfig {
  /// Headers that the proxy adds or changes by itself.
  package struct ProxyHeaders: Hashable, Sendable {
    package var forwardedClientCert: ForwardClientCertDetails
    package var setCurrentClientCertDetails: ClientCertDetails?
    package var server: Server?
    package var requestIDDisabled: Bool?
    package var attemptCountDisabled: Bool?
    package var envoyDebugHeadersDisabled: Bool?
    package var metadataExchangeMode: MetadataExchangeMode?
    package var preserveHttp1HeaderCase: Bool?
    package var xForwardedHostEnabled: Bool?
    package var xForwardedPortEnabled: Bool?

    package init(
      forwardedClientCert: ForwardClientCertDetails = .undefined,
      setCurrentClientCertDetails: ClientCertDetails? = nil, server: Server? = nil,
      requestIDDisabled: Bool? = nil, attemptCountDisabled: Bool? = nil,
      envoyDebugHeadersDisabled: Bool? = nil, metadataExchangeMode: MetadataExchangeMode? = nil,
      preserveHttp1HeaderCase: Bool? = nil, xForwardedHostEnabled: Bool? = nil,
      xForwardedPortEnabled: Bool? = nil
    ) {
      self.forwardedClientCert = forwardedClientCert
      self.setCurrentClientCertDetails = setCurrentClientCertDetails
      self.server = server
      self.requestIDDisabled = requestIDDisabled
      self.attemptCountDisabled = attemptCountDisabled
      self.envoyDebugHeadersDisabled = envoyDebugHeadersDisabled
      self.metadataExchangeMode = metadataExchangeMode
      self.preserveHttp1HeaderCase = preserveHttp1HeaderCase
      self.xForwardedHostEnabled = xForwardedHostEnabled
      self.xForwardedPortEnabled = xForwardedPortEnabled
    }

    package struct Server: Hashable, Sendable {
      package var disabled: Bool?
      package var value: String?

      package init(disabled: Bool? = nil, value: String? = nil) {
        self.disabled = disabled
        self.value = value
      }
    }

    package struct ClientCertDetails: Hashable, Sendable {
      package var subject: Bool?
      package var cert: Bool?
      package var chain: Bool?
      package var dns: Bool?
      package var uri: Bool?

      package init(
        subject: Bool? = nil, cert: Bool? = nil, chain: Bool? = nil, dns: Bool? = nil,
        uri: Bool? = nil
      ) {
        self.subject = subject
        self.cert = cert
        self.chain = chain
        self.dns = dns
        self.uri = uri
      }
    }

    package enum MetadataExchangeMode: String, CaseIterable, Sendable {
      case undefined = "UNDEFINED"
      case inMesh = "IN_MESH"
    }
  }
}
