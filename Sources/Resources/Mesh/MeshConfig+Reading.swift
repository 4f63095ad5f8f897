internal import Diagnostics
internal import Documents

extension MeshConfig: FieldReadable {
  /// What is not given has istiod's default.
  init(_ fields: inout Fields) {
    self.init()
    readIdentity(&fields)
    readListeners(&fields)
    readPolicies(&fields)
    readTelemetry(&fields)
    defaultConfig = fields.one("defaultConfig") { ProxyConfig(ofMesh: &$0) } ?? defaultConfig
    fields.ignore(
      "configSources", "certificates", "ca", "caCertificates", "verifyCertificateAtClient",
      "serviceScopeConfigs", "thriftConfig")
  }

  private mutating func readIdentity(_ fields: inout Fields) {
    trustDomain = fields.string("trustDomain", check: HostRule.trustDomain) ?? trustDomain
    let aliases = fields.strings("trustDomainAliases", check: HostRule.trustDomain)
    trustDomainAliases = Set(aliases).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    rootNamespace = fields.string("rootNamespace") ?? rootNamespace
    enableAutoMtls = fields.bool("enableAutoMtls") ?? enableAutoMtls
    enablePrometheusMerge = fields.bool("enablePrometheusMerge") ?? enablePrometheusMerge
    let selectors = fields.many("discoverySelectors") { LabelSelector(&$0) }
    // With one that is none, istiod discovers all.
    discoverySelectors = selectors.contains(nil) ? [] : selectors.compactMap(\.self)
    serviceSettings = fields.many("serviceSettings")
    serviceEntryVisibility = fields.one("serviceEntryVisibility")
    ingress = IngressSettings(
      ingressClass: fields.string("ingressClass") ?? ingress.ingressClass,
      service: fields.string("ingressService") ?? ingress.service,
      selector: fields.string("ingressSelector") ?? ingress.selector,
      mode: fields.choice("ingressControllerMode") ?? ingress.mode)
  }

  private mutating func readListeners(_ fields: inout Fields) {
    proxyListenPort = fields.int("proxyListenPort", .port) ?? proxyListenPort
    proxyInboundListenPort =
      fields.int("proxyInboundListenPort", 0...65535) ?? proxyInboundListenPort
    proxyHttpPort = fields.int("proxyHttpPort", 0...65535) ?? proxyHttpPort
    protocolDetectionTimeout =
      fields.duration("protocolDetectionTimeout", check: TextRule.whole)
      ?? protocolDetectionTimeout
    pathNormalization =
      fields.one("pathNormalization") { $0.choice("normalization") ?? .default }
      ?? pathNormalization
    meshMTLS = fields.one("meshMTLS")
    if meshMTLS?.ecdhCurves.isEmpty == false {
      fields.report(.curvesOfMeshTLS(), at: "meshMTLS", "ecdhCurves")
    }
    tlsDefaults = fields.one("tlsDefaults")
    hboneIdleTimeout = fields.duration("hboneIdleTimeout")
    inboundTrafficPolicy =
      fields.one("inboundTrafficPolicy") { $0.choice("mode") ?? .passthrough }
      ?? inboundTrafficPolicy
  }

  private mutating func readPolicies(_ fields: inout Fields) {
    connectTimeout =
      fields.duration("connectTimeout") {
        TextRule.duration($0) ?? ($0 > .seconds(3600) ? .longConnectTimeout() : nil)
      } ?? connectTimeout
    dnsRefreshRate = fields.duration("dnsRefreshRate") ?? dnsRefreshRate
    tcpKeepalive = fields.one("tcpKeepalive")
    outboundTrafficPolicy = fields.one("outboundTrafficPolicy") ?? outboundTrafficPolicy
    defaultServiceExportTo =
      fields.exportTargets("defaultServiceExportTo") ?? defaultServiceExportTo
    defaultVirtualServiceExportTo =
      fields.exportTargets("defaultVirtualServiceExportTo") ?? defaultVirtualServiceExportTo
    defaultDestinationRuleExportTo =
      fields.exportTargets("defaultDestinationRuleExportTo") ?? defaultDestinationRuleExportTo
    localityLbSetting = fields.one("localityLbSetting") ?? localityLbSetting
    zoneAwareLbSetting = fields.one("zoneAwareLbSetting")
    defaultTrafficPolicy =
      fields.one("defaultTrafficPolicy") {
        DefaultTrafficPolicy(
          connectionPool: $0.one("connectionPool"), outlierDetection: $0.one("outlierDetection"))
      } ?? defaultTrafficPolicy
    // istiod's validation does not look at it.
    defaultHttpRetryPolicy = fields.one("defaultHttpRetryPolicy") { HTTPRetry(unchecked: &$0) }
    // For sidecars' inbound routes; here only what is wrong with it counts.
    if let inbound = fields.one("defaultInboundHttpRetryPolicy", HTTPRetry.self),
      inbound.attempts == 0, inbound.backoff != nil
    {
      fields.report(.settingsOfNoRetries(), at: "defaultInboundHttpRetryPolicy")
    }
    h2UpgradePolicy = fields.choice("h2UpgradePolicy") ?? h2UpgradePolicy
    inboundClusterStatName = fields.string("inboundClusterStatName")
    outboundClusterStatName = fields.string("outboundClusterStatName")
  }

  private mutating func readTelemetry(_ fields: inout Fields) {
    accessLog = AccessLogSettings(
      file: fields.string("accessLogFile"),
      format: fields.format("accessLogFormat").flatMap { $0.isEmpty ? nil : $0 },
      encoding: fields.choice("accessLogEncoding") ?? .text,
      usesEnvoyService: fields.flag("enableEnvoyAccessLogService"),
      disablesListenerLog: fields.flag("disableEnvoyListenerLog"))
    enableTracing = fields.bool("enableTracing") ?? enableTracing
    for provider in fields.many("extensionProviders", ExtensionProvider.self) {
      if let index = extensionProviders.firstIndex(where: { $0.name == provider.name }) {
        extensionProviders[index] = provider
      } else {
        extensionProviders.append(provider)
      }
    }
    defaultProviders = fields.one("defaultProviders")
  }
}

extension Fields {
  fileprivate mutating func exportTargets(_ key: String) -> [ExportTarget]? {
    let targets = strings(key).map(ExportTarget.init)
    return targets.isEmpty ? nil : targets
  }
}

extension MeshConfig.OutboundTrafficPolicy: FieldReadable {
  init(_ fields: inout Fields) {
    // proto3 has no default but the first: an empty block is REGISTRY_ONLY.
    self.init(mode: fields.choice("mode") ?? .registryOnly, tls: fields.one("tls"))
  }
}

extension MeshConfig.TLSConfig: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      minProtocolVersion: fields.choice("minProtocolVersion") ?? .auto,
      ecdhCurves: fields.strings("ecdhCurves"), cipherSuites: fields.strings("cipherSuites"))
  }
}

extension MeshConfig.ServiceSettings: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      isClusterLocal: fields.one("settings") { $0.flag("clusterLocal") } ?? false,
      hosts: fields.strings("hosts", check: HostRule.wildcardName))
  }
}

extension MeshConfig.ServiceEntryVisibility: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      defaultVisibility: fields.choice("defaultVisibility") ?? .unspecified,
      applyToSidecars: fields.flag("applyToSidecars"),
      policies: fields.many("policies") { policy in
        Policy(
          visibility: policy.choice("visibility") ?? .unspecified,
          namespaceSelectors: policy.many("matchingRules") {
            $0.one("namespaceSelector") { LabelSelector(&$0) } ?? nil
          })
      })
  }
}

extension MeshConfig.DefaultProviders: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      tracing: fields.strings("tracing"), metrics: fields.strings("metrics"),
      accessLogging: fields.strings("accessLogging"))
  }
}
