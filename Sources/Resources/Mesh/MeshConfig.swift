/// The settings of the whole mesh (istio.mesh.v1alpha1.MeshConfig), istiod's defaults filled in.
///
/// Not here, on purpose: what only istiod's own installation reads (certificates, config sources, CA).
package struct MeshConfig: Hashable, Sendable {
  package var trustDomain: String
  /// Sorted.
  package var trustDomainAliases: [String]
  package var rootNamespace: String
  package var connectTimeout: Duration
  package var protocolDetectionTimeout: Duration
  package var hboneIdleTimeout: Duration?
  package var dnsRefreshRate: Duration
  package var tcpKeepalive: TCPKeepalive?
  package var proxyListenPort: Int
  package var proxyInboundListenPort: Int
  package var proxyHttpPort: Int
  package var enableAutoMtls: Bool
  package var enablePrometheusMerge: Bool
  package var outboundTrafficPolicy: OutboundTrafficPolicy
  package var inboundTrafficPolicy: InboundTrafficPolicy
  package var defaultServiceExportTo: [ExportTarget]
  package var defaultVirtualServiceExportTo: [ExportTarget]
  package var defaultDestinationRuleExportTo: [ExportTarget]
  package var localityLbSetting: LocalityLoadBalancerSetting?
  package var zoneAwareLbSetting: ZoneAwareLoadBalancerSetting?
  package var defaultTrafficPolicy: DefaultTrafficPolicy
  package var defaultHttpRetryPolicy: HTTPRetry?
  package var h2UpgradePolicy: H2UpgradePolicy
  package var meshMTLS: TLSConfig?
  package var tlsDefaults: TLSConfig?
  package var pathNormalization: PathNormalization
  package var inboundClusterStatName: String?
  package var outboundClusterStatName: String?
  package var serviceSettings: [ServiceSettings]
  package var serviceEntryVisibility: ServiceEntryVisibility?
  package var discoverySelectors: [LabelSelector]
  package var ingress: IngressSettings
  package var accessLog: AccessLogSettings
  package var enableTracing: Bool
  /// istiod's own `prometheus`, `stackdriver` and `envoy` come first, unless replaced by name.
  package var extensionProviders: [ExtensionProvider]
  package var defaultProviders: DefaultProviders?
  package var defaultConfig: ProxyConfig

  package init(
    trustDomain: String = "cluster.local", trustDomainAliases: [String] = [],
    rootNamespace: String = "istio-system", connectTimeout: Duration = .seconds(10),
    protocolDetectionTimeout: Duration = .zero, hboneIdleTimeout: Duration? = nil,
    dnsRefreshRate: Duration = .seconds(60), tcpKeepalive: TCPKeepalive? = nil,
    proxyListenPort: Int = 15001, proxyInboundListenPort: Int = 15006, proxyHttpPort: Int = 0,
    enableAutoMtls: Bool = true, enablePrometheusMerge: Bool = true,
    outboundTrafficPolicy: OutboundTrafficPolicy = OutboundTrafficPolicy(),
    inboundTrafficPolicy: InboundTrafficPolicy = .passthrough,
    defaultServiceExportTo: [ExportTarget] = [.everyone],
    defaultVirtualServiceExportTo: [ExportTarget] = [.everyone],
    defaultDestinationRuleExportTo: [ExportTarget] = [.everyone],
    localityLbSetting: LocalityLoadBalancerSetting? = .init(enabled: true),
    zoneAwareLbSetting: ZoneAwareLoadBalancerSetting? = nil,
    defaultTrafficPolicy: DefaultTrafficPolicy = DefaultTrafficPolicy(),
    defaultHttpRetryPolicy: HTTPRetry? = nil, h2UpgradePolicy: H2UpgradePolicy = .doNotUpgrade,
    meshMTLS: TLSConfig? = nil, tlsDefaults: TLSConfig? = nil,
    pathNormalization: PathNormalization = .default, inboundClusterStatName: String? = nil,
    outboundClusterStatName: String? = nil, serviceSettings: [ServiceSettings] = [],
    serviceEntryVisibility: ServiceEntryVisibility? = nil,
    discoverySelectors: [LabelSelector] = [], ingress: IngressSettings = IngressSettings(),
    accessLog: AccessLogSettings = AccessLogSettings(), enableTracing: Bool = true,
    extensionProviders: [ExtensionProvider] = ExtensionProvider.builtIn,
    defaultProviders: DefaultProviders? = nil, defaultConfig: ProxyConfig = ProxyConfig()
  ) {
    self.trustDomain = trustDomain
    self.trustDomainAliases = trustDomainAliases
    self.rootNamespace = rootNamespace
    self.connectTimeout = connectTimeout
    self.protocolDetectionTimeout = protocolDetectionTimeout
    self.hboneIdleTimeout = hboneIdleTimeout
    self.dnsRefreshRate = dnsRefreshRate
    self.tcpKeepalive = tcpKeepalive
    self.proxyListenPort = proxyListenPort
    self.proxyInboundListenPort = proxyInboundListenPort
    self.proxyHttpPort = proxyHttpPort
    self.enableAutoMtls = enableAutoMtls
    self.enablePrometheusMerge = enablePrometheusMerge
    self.outboundTrafficPolicy = outboundTrafficPolicy
    self.inboundTrafficPolicy = inboundTrafficPolicy
    self.defaultServiceExportTo = defaultServiceExportTo
    self.defaultVirtualServiceExportTo = defaultVirtualServiceExportTo
    self.defaultDestinationRuleExportTo = defaultDestinationRuleExportTo
    self.localityLbSetting = localityLbSetting
    self.zoneAwareLbSetting = zoneAwareLbSetting
    self.defaultTrafficPolicy = defaultTrafficPolicy
    self.defaultHttpRetryPolicy = defaultHttpRetryPolicy
    self.h2UpgradePolicy = h2UpgradePolicy
    self.meshMTLS = meshMTLS
    self.tlsDefaults = tlsDefaults
    self.pathNormalization = pathNormalization
    self.inboundClusterStatName = inboundClusterStatName
    self.outboundClusterStatName = outboundClusterStatName
    self.serviceSettings = serviceSettings
    self.serviceEntryVisibility = serviceEntryVisibility
    self.discoverySelectors = discoverySelectors
    self.ingress = ingress
    self.accessLog = accessLog
    self.enableTracing = enableTracing
    self.extensionProviders = extensionProviders
    self.defaultProviders = defaultProviders
    self.defaultConfig = defaultConfig
  }

  package struct OutboundTrafficPolicy: Hashable, Sendable {
    package var mode: Mode
    package var tls: ClientTLSSettings?

    package init(mode: Mode = .allowAny, tls: ClientTLSSettings? = nil) {
      self.mode = mode
      self.tls = tls
    }

    package enum Mode: String, CaseIterable, Sendable {
      case registryOnly = "REGISTRY_ONLY"
      case allowAny = "ALLOW_ANY"
      case allowAnyDynamicDNS = "ALLOW_ANY_DYNAMIC_DNS"
    }
  }

  package enum InboundTrafficPolicy: String, CaseIterable, Sendable {
    case passthrough = "PASSTHROUGH"
    case localhost = "LOCALHOST"
  }

  /// What fills blocks that a DestinationRule leaves out.
  package struct DefaultTrafficPolicy: Hashable, Sendable {
    package var connectionPool: ConnectionPoolSettings?
    package var outlierDetection: OutlierDetection?

    package init(
      connectionPool: ConnectionPoolSettings? = nil, outlierDetection: OutlierDetection? = nil
    ) {
      self.connectionPool = connectionPool
      self.outlierDetection = outlierDetection
    }
  }

  package enum H2UpgradePolicy: String, CaseIterable, Sendable {
    case doNotUpgrade = "DO_NOT_UPGRADE"
    case upgrade = "UPGRADE"
  }

  package struct TLSConfig: Hashable, Sendable {
    package var minProtocolVersion: Version
    package var ecdhCurves: [String]
    package var cipherSuites: [String]

    package init(
      minProtocolVersion: Version = .auto, ecdhCurves: [String] = [], cipherSuites: [String] = []
    ) {
      self.minProtocolVersion = minProtocolVersion
      self.ecdhCurves = ecdhCurves
      self.cipherSuites = cipherSuites
    }

    package enum Version: String, CaseIterable, Sendable {
      case auto = "TLS_AUTO"
      case v12 = "TLSV1_2"
      case v13 = "TLSV1_3"
    }
  }

  package enum PathNormalization: String, CaseIterable, Sendable {
    case `default` = "DEFAULT"
    case none = "NONE"
    case base = "BASE"
    case mergeSlashes = "MERGE_SLASHES"
    case decodeAndMergeSlashes = "DECODE_AND_MERGE_SLASHES"
  }
}
