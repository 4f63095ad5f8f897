package import Documents

/// The metadata of a proxy's node, as far as it changes what the proxy is sent.
package struct NodeMetadata: Hashable, Sendable {
  package var proxyConfig: ProxyConfig?
  /// As written; see ``ProxyNode/istioVersion``.
  package var istioVersion: String?
  package var labels: [String: String]
  package var staticLabels: [String: String]
  package var annotations: [String: String]
  package var instanceIPs: [String]
  package var namespace: String?
  package var serviceAccount: String?
  package var workloadName: String?
  package var nodeName: String?
  package var interceptionMode: ProxyConfig.InterceptionMode?
  package var clusterID: String?
  package var network: String?
  /// Empty for every network; an empty entry stands for endpoints without one.
  package var requestedNetworkView: [String]
  package var meshID: String?
  package var httpProxyPort: Int?
  package var generator: String?
  package var acceptsHTTP10: Bool
  package var dnsCapture: Bool
  package var dnsAutoAllocate: Bool
  package var dnsProxyAddress: String?
  package var idleTimeout: Duration?
  package var serverFiles: TLSFiles?
  package var clientFiles: TLSFiles?
  package var isUnprivilegedPod: Bool
  package var enableHBONE: Bool
  package var disableHBONESend: Bool
  package var enableSelfDiscovery: Bool
  package var inboundListenerExactBalance: Bool
  package var outboundListenerExactBalance: Bool
  package var statusPort: Int?
  package var prometheusPort: Int?
  package var secureMetricsPort: Int?
  package var secureMergedMetricsPort: Int?
  package var autoRegisterGroup: String?
  package var workloadEntry: String?
  package var podPorts: [Pod.Port]
  /// A local socket serves secrets named `sds://…`.
  package var hasCredentialSocket: Bool
  /// A local socket serves certificates from files.
  package var hasFileCredentialSocket: Bool
  /// The whole metadata as sent, for EnvoyFilters and the debug pages.
  package var raw: Node

  package init(
    proxyConfig: ProxyConfig? = nil, istioVersion: String? = nil, labels: [String: String] = [:],
    staticLabels: [String: String] = [:], annotations: [String: String] = [:],
    instanceIPs: [String] = [], namespace: String? = nil, serviceAccount: String? = nil,
    workloadName: String? = nil, nodeName: String? = nil,
    interceptionMode: ProxyConfig.InterceptionMode? = nil, clusterID: String? = nil,
    network: String? = nil, requestedNetworkView: [String] = [], meshID: String? = nil,
    httpProxyPort: Int? = nil, generator: String? = nil, acceptsHTTP10: Bool = false,
    dnsCapture: Bool = false, dnsAutoAllocate: Bool = false, dnsProxyAddress: String? = nil,
    idleTimeout: Duration? = nil, serverFiles: TLSFiles? = nil, clientFiles: TLSFiles? = nil,
    isUnprivilegedPod: Bool = false, enableHBONE: Bool = false, disableHBONESend: Bool = false,
    enableSelfDiscovery: Bool = false, inboundListenerExactBalance: Bool = false,
    outboundListenerExactBalance: Bool = false, statusPort: Int? = nil, prometheusPort: Int? = nil,
    secureMetricsPort: Int? = nil, secureMergedMetricsPort: Int? = nil,
    autoRegisterGroup: String? = nil, workloadEntry: String? = nil, podPorts: [Pod.Port] = [],
    hasCredentialSocket: Bool = false, hasFileCredentialSocket: Bool = false, raw: Node
  ) {
    self.proxyConfig = proxyConfig
    self.istioVersion = istioVersion
    self.labels = labels
    self.staticLabels = staticLabels
    self.annotations = annotations
    self.instanceIPs = instanceIPs
    self.namespace = namespace
    self.serviceAccount = serviceAccount
    self.workloadName = workloadName
    self.nodeName = nodeName
    self.interceptionMode = interceptionMode
    self.clusterID = clusterID
    self.network = network
    self.requestedNetworkView = requestedNetworkView
    self.meshID = meshID
    self.httpProxyPort = httpProxyPort
    self.generator = generator
    self.acceptsHTTP10 = acceptsHTTP10
    self.dnsCapture = dnsCapture
    self.dnsAutoAllocate = dnsAutoAllocate
    self.dnsProxyAddress = dnsProxyAddress
    self.idleTimeout = idleTimeout
    self.serverFiles = serverFiles
    self.clientFiles = clientFiles
    self.isUnprivilegedPod = isUnprivilegedPod
    self.enableHBONE = enableHBONE
    self.disableHBONESend = disableHBONESend
    self.enableSelfDiscovery = enableSelfDiscovery
    self.inboundListenerExactBalance = inboundListenerExactBalance
    self.outboundListenerExactBalance = outboundListenerExactBalance
    self.statusPort = statusPort
    self.prometheusPort = prometheusPort
    self.secureMetricsPort = secureMetricsPort
    self.secureMergedMetricsPort = secureMergedMetricsPort
    self.autoRegisterGroup = autoRegisterGroup
    self.workloadEntry = workloadEntry
    self.podPorts = podPorts
    self.hasCredentialSocket = hasCredentialSocket
    self.hasFileCredentialSocket = hasFileCredentialSocket
    self.raw = raw
  }

  /// Files of the proxy's own that take the place of the mesh's certificates.
  package struct TLSFiles: Hashable, Sendable {
    package var certificateChain: String
    package var privateKey: String
    package var rootCertificate: String?

    package init(certificateChain: String, privateKey: String, rootCertificate: String? = nil) {
      self.certificateChain = certificateChain
      self.privateKey = privateKey
      self.rootCertificate = rootCertificate
    }
  }
}

extension NodeMetadata {
  /// The values of `keys` as they were sent, as far as they are texts.
  package func texts(of keys: [String]) -> [String: String] {
    keys.reduce(into: [:]) { found, key in
      if case .string(let text)? = raw[key]?.content { found[key] = text }
    }
  }
}
