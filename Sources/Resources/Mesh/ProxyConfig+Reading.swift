internal import Diagnostics
internal import Documents

extension ProxyConfig: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      gatewayTopology: fields.one("gatewayTopology") ?? Topology(),
      proxyHeaders: fields.one("proxyHeaders") ?? ProxyHeaders(),
      connectionSettings: fields.one("connectionSettings"),
      privateKeyProvider: fields.one("privateKeyProvider") { PrivateKeyProvider(&$0) } ?? nil,
      tracing: fields.one("tracing"),
      interceptionMode: fields.choice("interceptionMode") ?? .redirect,
      concurrency: fields.int("concurrency", .int32),
      statusPort: fields.int("statusPort", 0...65535) ?? 15020,
      proxyAdminPort: fields.int("proxyAdminPort", 0...65535) ?? 15000,
      discoveryAddress: fields.string("discoveryAddress"),
      serviceCluster: fields.string("serviceCluster"),
      drainDuration: fields.duration("drainDuration"),
      meshID: fields.string("meshId"),
      proxyMetadata: fields.labels("proxyMetadata"),
      runtimeValues: fields.labels("runtimeValues"),
      hasEnvoyAccessLogService: fields.part("envoyAccessLogService") { $0.string("address") }
        .flatMap { $0 } != nil)
    fields.ignore(
      "configPath", "binaryPath", "tracingServiceName", "discoveryRefreshDelay", "zipkinAddress",
      "statsdUdpAddress", "envoyMetricsServiceAddress", "availabilityZone",
      "controlPlaneAuthPolicy", "customConfigFile", "statNameLength",
      "proxyBootstrapTemplatePath", "sds", "envoyMetricsService", "extraStatTags",
      "terminationDrainDuration", "readinessProbe", "proxyStatsMatcher",
      "holdApplicationUntilProxyStarts", "caCertificatesPem", "image", "fileFlushInterval",
      "fileFlushMinSizeKb", "statsCompression")
  }
}

extension ProxyConfig.Topology: FieldReadable {
  init(_ fields: inout Fields) {
    let proxyProtocol: Void? = fields.part("proxyProtocol") { _ in }
    self.init(
      numTrustedProxies: fields.int("numTrustedProxies", .uint32) ?? 0,
      forwardClientCertDetails: fields.choice("forwardClientCertDetails") ?? .undefined,
      usesProxyProtocol: proxyProtocol != nil)
  }
}

extension ProxyConfig.PrivateKeyProvider {
  fileprivate init?(_ fields: inout Fields) {
    func settings(_ fields: inout Fields) -> (delay: Duration?, fallback: Bool?) {
      (fields.duration("pollDelay"), fields.bool("fallback"))
    }
    let cryptomb = fields.one("cryptomb") { settings(&$0) }
    let qat = fields.one("qat") { settings(&$0) }
    if cryptomb != nil, qat != nil { fields.report(.exclusive(["cryptomb", "qat"])) }
    if let cryptomb {
      self = .cryptomb(pollDelay: cryptomb.delay, fallback: cryptomb.fallback)
    } else if let qat {
      self = .qat(pollDelay: qat.delay, fallback: qat.fallback)
    } else {
      return nil
    }
  }
}

extension ProxyConfig.ProxyHeaders: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      forwardedClientCert: fields.choice("forwardedClientCert") ?? .undefined,
      setCurrentClientCertDetails: fields.one("setCurrentClientCertDetails"),
      server: fields.one("server"),
      requestIDDisabled: fields.one("requestId") { $0.bool("disabled") } ?? nil,
      attemptCountDisabled: fields.one("attemptCount") { $0.bool("disabled") } ?? nil,
      envoyDebugHeadersDisabled: fields.one("envoyDebugHeaders") { $0.bool("disabled") } ?? nil,
      metadataExchangeMode: fields.one("metadataExchangeHeaders") { $0.choice("mode") } ?? nil,
      preserveHttp1HeaderCase: fields.bool("preserveHttp1HeaderCase"),
      xForwardedHostEnabled: fields.one("xForwardedHost") { $0.bool("enabled") } ?? nil,
      xForwardedPortEnabled: fields.one("xForwardedPort") { $0.bool("enabled") } ?? nil)
  }
}

extension ProxyConfig.ProxyHeaders.Server: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(disabled: fields.bool("disabled"), value: fields.string("value"))
  }
}

extension ProxyConfig.ProxyHeaders.ClientCertDetails: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      subject: fields.bool("subject"), cert: fields.bool("cert"), chain: fields.bool("chain"),
      dns: fields.bool("dns"), uri: fields.bool("uri"))
  }
}

extension ProxyConfig.ConnectionSettings: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      profile: fields.choice("profile") ?? .sidecar,
      listenerPerConnectionBufferLimitBytes: fields.int(
        "listenerPerConnectionBufferLimitBytes", .int32),
      clusterPerConnectionBufferLimitBytes: fields.int(
        "clusterPerConnectionBufferLimitBytes", .int32),
      httpIdleTimeout: fields.duration("httpIdleTimeout"),
      httpMaxConnectionDuration: fields.duration("httpMaxConnectionDuration"),
      httpDrainTimeout: fields.duration("httpDrainTimeout"),
      httpRequestTimeout: fields.duration("httpRequestTimeout"),
      httpRequestHeadersTimeout: fields.duration("httpRequestHeadersTimeout"),
      httpStreamIdleTimeout: fields.duration("httpStreamIdleTimeout"),
      httpMaxStreamDuration: fields.duration("httpMaxStreamDuration"),
      httpMaxConcurrentStreams: fields.int("httpMaxConcurrentStreams", .int32),
      http2InitialStreamWindowSize: fields.int("http2InitialStreamWindowSize", .int32),
      http2InitialConnectionWindowSize: fields.int("http2InitialConnectionWindowSize", .int32),
      httpHeadersWithUnderscoresAction: fields.choice("httpHeadersWithUnderscoresAction")
        ?? .unspecified,
      httpMergeSlashes: fields.bool("httpMergeSlashes"),
      httpPathWithEscapedSlashesAction: fields.choice("httpPathWithEscapedSlashesAction")
        ?? .unspecified,
      listenerConnectionLimit: fields.int("listenerConnectionLimit", .int32),
      globalDownstreamConnectionLimit: fields.int("globalDownstreamConnectionLimit", .int32))
  }
}

extension ProxyConfig.Tracing: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      sampling: fields.double("sampling") ?? 0,
      maxPathTagLength: fields.int("maxPathTagLength", .uint32) ?? 0,
      customTags: fields.entries("customTags") { reading, _, node in
        Fields.read(node, reading) { TracingTag(ofProxyConfig: &$0) } ?? nil
      },
      enableIstioTags: fields.bool("enableIstioTags"),
      tlsSettings: fields.one("tlsSettings"))
    fields.ignore("zipkin", "lightstep", "datadog", "stackdriver", "openCensusAgent")
  }
}

extension TracingTag {
  fileprivate init?(ofProxyConfig fields: inout Fields) {
    func pair(_ fields: inout Fields) -> (name: String, value: String) {
      (fields.text("name"), fields.text("defaultValue"))
    }
    let literal = fields.one("literal") { $0.text("value") }
    let environment = fields.one("environment") { pair(&$0) }
    let header = fields.one("header") { pair(&$0) }
    let given = ["literal", "environment", "header"].filter { fields.has($0) }
    if given.count != 1 { fields.report(.exclusive(["literal", "environment", "header"])) }
    if let literal {
      self = .literal(literal)
    } else if let environment {
      self = .environment(name: environment.name, defaultValue: environment.value)
    } else if let header {
      self = .header(name: header.name, defaultValue: header.value)
    } else {
      return nil
    }
  }
}
