import Diagnostics
import Documents
import Foundation
import Resources
import TestSupport
import Testing

@Suite struct SettingsTests {
  private func document(_ text: String) throws -> Document {
    let file = ParsedFile(Array(text.utf8), path: "mesh.yaml")
    return try #require(file.documents.first, "\(file.diagnostics)")
  }

  @Test func anEmptyFileHasIstiodsDefaults() throws {
    let settings = Settings<MeshConfig>(reading: try document("{}"))
    #expect(settings.value == MeshConfig())
    let config = try #require(settings.value)
    #expect(config.connectTimeout == .seconds(10))
    #expect(config.outboundTrafficPolicy.mode == .allowAny)
    #expect(config.extensionProviders.map(\.name) == ["prometheus", "stackdriver", "envoy"])
  }

  @Test func everyFieldIsReadIntoItsPlace() throws {
    let settings = Settings<MeshConfig>(reading: try document(Self.whole))
    #expect(settings.diagnostics == [])
    let config = try #require(settings.value)
    #expect(config.trustDomainAliases == ["a.example", "b.example"])
    #expect(config.discoverySelectors[0].matchExpressions[0].condition == .isIn(["a"]))
    #expect(config.defaultServiceExportTo == [.ownNamespace])
    #expect(config.pathNormalization == .mergeSlashes)
    #expect(config.meshMTLS?.minProtocolVersion == .v13)
    #expect(config.serviceSettings == [.init(isClusterLocal: true, hosts: ["*.local"])])
    #expect(config.defaultConfig.gatewayTopology.numTrustedProxies == 2)
    #expect(config.defaultConfig.gatewayTopology.usesProxyProtocol)
    #expect(config.defaultConfig.proxyHeaders.server?.value == "x")
    #expect(config.defaultConfig.proxyHeaders.attemptCountDisabled == true)
    #expect(config.defaultConfig.connectionSettings?.profile == .edge)
    #expect(
      config.defaultConfig.tracing?.customTags == [
        Named(name: "a", value: .literal("x")),
        Named(name: "b", value: .environment(name: "E", defaultValue: "d")),
        Named(name: "c", value: .header(name: "h", defaultValue: "")),
      ])
    #expect(config.accessLog.file == "/dev/stdout")
    #expect(
      config.extensionProviders.map(\.name)
        == ["prometheus", "stackdriver", "envoy"] + Self.providers.map(\.name))
  }

  @Test func aProviderOfABuiltInNameTakesItsPlace() throws {
    let config = Settings<MeshConfig>(
      reading: try document("extensionProviders: [{name: envoy, datadog: {service: a, port: 1}}]")
    ).value
    #expect(config?.extensionProviders.map(\.name) == ["prometheus", "stackdriver", "envoy"])
    #expect(
      config?.extensionProviders.last?.provider
        == .datadog(.init(backend: .init(host: "a", port: 1))))
  }

  @Test func namesOfTheProtoFileAreReadToo() throws {
    let config = Settings<MeshConfig>(
      reading: try document(
        "connect_timeout: 3s\ndefault_config: {gateway_topology: {num_trusted_proxies: 1}}"))
    #expect(config.diagnostics == [])
    #expect(config.value?.connectTimeout == .seconds(3))
    #expect(config.value?.defaultConfig.gatewayTopology.numTrustedProxies == 1)
  }

  @Test func aFileWithAnErrorHasNoValue() throws {
    let settings = Settings<MeshConfig>(
      reading: try document(
        "connectTimeout: 5\nenableTracing: 1\noutboundTrafficPolicy: {mode: ANY}"))
    #expect(settings.value == nil)
    #expect(
      Set(settings.diagnostics.map(\.field)) == [
        "connectTimeout", "enableTracing", "outboundTrafficPolicy.mode",
      ])
  }

  @Test func whatIstiodLetsThroughIsLetThrough() throws {
    let settings = Settings<MeshConfig>(
      reading: try document(
        "defaultHttpRetryPolicy: {attempts: 0, retryOn: \"5xx, 503,reset\"}\nextensionProviders: [{name: x}]"
      ))
    #expect(settings.diagnostics.map(\.severity) == [.warning])
    #expect(
      settings.value?.defaultHttpRetryPolicy?.retryOn
        == .init(conditions: ["5xx", "reset"], statusCodes: [503]))
  }

  /// By istiod's ValidateMeshConfig, which each of them was given.
  @Test(arguments: [
    "trustDomain: a_b", "trustDomainAliases: [a..b]", "connectTimeout: 2h",
    "protocolDetectionTimeout: 0.0001s", "meshMTLS: {ecdhCurves: [P-256]}",
    "serviceSettings: [{hosts: [a_b]}]",
    "defaultInboundHttpRetryPolicy: {attempts: 0, backoff: 1s}",
    "defaultInboundHttpRetryPolicy: {attempts: 1, retryOn: never}",
    "defaultConfig: {serviceCluster: \"\"}", "defaultConfig: {configPath: \"\"}",
    "defaultConfig: {discoveryAddress: istiod}", "defaultConfig: {discoveryAddress: \"a_b:1\"}",
    "defaultConfig: {discoveryAddress: \"istiod:0\"}",
    "defaultConfig: {discoveryAddress: \"::1:80\"}",
    "defaultConfig: {statsdUdpAddress: \"a.example.com\"}",
    "defaultConfig: {envoyMetricsService: {address: a.example.com}}",
    "defaultConfig: {envoyAccessLogService: {address: \"a:b:1\"}}",
    "defaultConfig: {tracing: {zipkin: {}}}", "defaultConfig: {tracing: {datadog: {address: x}}}",
    "defaultConfig: {tracing: {lightstep: {address: \"a:1\"}}}",
    "defaultConfig: {statusPort: 0}", "defaultConfig: {proxyAdminPort: 0}",
    "defaultConfig: {drainDuration: 1.5s}", "defaultConfig: {drainDuration: 0s}",
    "defaultConfig: {privateKeyProvider: {}}", "defaultConfig: {privateKeyProvider: {qat: {}}}",
    "defaultConfig: {connectionSettings: {httpMaxConcurrentStreams: 0}}",
    "defaultConfig: {connectionSettings: {http2InitialStreamWindowSize: 65534}}",
    "defaultConfig: {connectionSettings: {listenerPerConnectionBufferLimitBytes: -1}}",
    "defaultConfig: {connectionSettings: {httpIdleTimeout: -1s}}",
  ])
  func whatIstiodRefusesIsRefused(_ text: String) throws {
    let settings = Settings<MeshConfig>(reading: try document(text))
    #expect(settings.value == nil && settings.diagnostics.map(\.severity) == [.error])
    #expect(settings.diagnostics.allSatisfy { $0.code == nil })
  }

  @Test(arguments: [
    "protocolDetectionTimeout: 0s", "defaultConfig: {discoveryAddress: \"[::1]:80\"}",
    "defaultConfig: {statsdUdpAddress: \"\", envoyMetricsService: {}}",
    "defaultConfig: {tracing: {zipkin: {address: \"$(HOST_IP):9411\"}}}",
    "defaultConfig: {tracing: {lightstep: {address: \"a:1\", accessToken: x}}}",
    "defaultConfig: {drainDuration: 45s}",
    "defaultConfig: {privateKeyProvider: {cryptomb: {pollDelay: 1ms}}}",
    "defaultInboundHttpRetryPolicy: {attempts: 2, retryOn: reset, backoff: 1s}",
  ])
  func whatIstiodTakesIsTaken(_ text: String) throws {
    #expect(Settings<MeshConfig>(reading: try document(text)).diagnostics == [])
  }

  /// istiod logs it, and discovers all namespaces.
  @Test(arguments: [
    "{matchExpressions: [{key: a}]}", "{matchExpressions: [{key: a, operator: Is, values: [b]}]}",
    "{matchExpressions: [{key: a, operator: In}]}", "{matchLabels: {'*': a}}",
    "{matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
    "{matchLabels: {a: b c}}", "{matchExpressions: [{key: a, operator: In, values: [b, -]}]}",
  ])
  func aSelectorThatIsNoneRefusesNothing(_ selector: String) throws {
    let settings = Settings<MeshConfig>(
      reading: try document(
        """
        discoverySelectors: [{matchLabels: {a: b}}, \(selector)]
        serviceEntryVisibility: {policies: [{matchingRules: [{namespaceSelector: \(selector)}]}]}
        """))
    #expect(settings.diagnostics.map(\.severity) == [.warning, .warning])
    let config = try #require(settings.value)
    #expect(config.discoverySelectors == [])
    #expect(config.serviceEntryVisibility?.policies.first?.namespaceSelectors == [nil])
  }

  /// As for objects: a value of another type is an error at its line.
  @Test func wrongTypesAreErrorsThatSayWhere() throws {
    let document = try document(Self.whole)
    for path in document.root.paths where !path.isEmpty {
      for content in Node.Content.samples where content.shape != document.root[path].content.shape {
        let changed = Document(
          file: document.file, root: document.root.replacing(path, with: content))
        let settings = Settings<MeshConfig>(reading: changed)
        let place = document.root[path].position.place(in: document.file)
        #expect(settings.value == nil, "\(place): \(content.shape)")
        #expect(settings.diagnostics.contains { $0.place == place && $0.severity == .error })
      }
    }
  }

  @Test func networksAreRead() throws {
    let settings = Settings<MeshNetworks>(
      reading: try document(
        """
        networks:
          b: {endpoints: [{fromRegistry: c1}], gateways: [{registryServiceName: a.b.svc, port: 443}]}
          a: {endpoints: [{fromCidr: 10.0.0.0/8}], gateways: [{address: 1.2.3.4, port: 15443, locality: r}]}
        """))
    #expect(settings.diagnostics == [])
    #expect(
      settings.value
        == MeshNetworks(networks: [
          Named(
            name: "a",
            value: .init(
              endpoints: [.fromCIDR("10.0.0.0/8")],
              gateways: [.init(address: .address("1.2.3.4"), port: 15443, locality: "r")])),
          Named(
            name: "b",
            value: .init(
              endpoints: [.fromRegistry("c1")],
              gateways: [.init(address: .registryServiceName("a.b.svc"), port: 443)])),
        ]))
    let wrong = Settings<MeshNetworks>(
      reading: try document(
        "networks: {a: {endpoints: [{}, {fromCidr: x}], gateways: [{address: 1.2.3.4}, {port: 0}]}}"
      ))
    #expect(wrong.value == nil)
    #expect(
      Set(wrong.diagnostics.map(\.field)) == [
        "networks.a.endpoints[0]", "networks.a.endpoints[1].fromCidr", "networks.a.gateways[0]",
        "networks.a.gateways[1].port", "networks.a.gateways[1]",
      ])
  }

  /// One provider of each kind.
  static let providers: [(name: String, text: String)] = [
    (
      "http",
      "envoyExtAuthzHttp: {service: a, port: 1, timeout: 1s, pathPrefix: /p, failOpen: true, "
        + "clearRouteCache: true, statusOnError: '503', includeRequestHeadersInCheck: [a], "
        + "includeAdditionalHeadersInCheck: {a: b}, includeRequestBodyInCheck: {maxRequestBytes: 1, "
        + "allowPartialMessage: true, packAsBytes: true}, headersToUpstreamOnAllow: [a], "
        + "headersToDownstreamOnDeny: [a], headersToDownstreamOnAllow: [a], includeHeadersInCheck: [b]}"
    ),
    (
      "grpc",
      "envoyExtAuthzGrpc: {service: a, port: 1, timeout: 1s, failOpen: true, "
        + "clearRouteCache: true, statusOnError: '503', includeRequestBodyInCheck: {maxRequestBytes: 1}}"
    ),
    (
      "zipkin",
      "zipkin: {service: a, port: 1, maxTagLength: 1, enable64bitTraceId: true, path: /p, "
        + "traceContextOption: USE_B3, timeout: 1s, headers: [{name: a, value: b}, {name: a, envName: B}]}"
    ),
    ("datadog", "datadog: {service: a, port: 1, maxTagLength: 1}"),
    ("skywalking", "skywalking: {service: a, port: 1, accessToken: t}"),
    (
      "otel",
      "opentelemetry: {service: a, port: 1, maxTagLength: 1, http: {path: /p, timeout: 1s, "
        + "headers: [{name: a, value: b}]}, resourceDetectors: {environment: {}, dynatrace: {}}, "
        + "serviceAttributeEnrichment: ISTIO_CANONICAL, dynatraceSampler: {tenant: t, clusterId: 1, "
        + "rootSpansPerMinute: 1, httpService: {service: a, port: 1, http: {path: /p}}}}"
    ),
    (
      "otel-grpc",
      "opentelemetry: {service: a, port: 1, grpc: {timeout: 1s, "
        + "initialMetadata: [{name: a, value: b}]}}"
    ),
    ("file", "envoyFileAccessLog: {path: /p, logFormat: {text: t}, omitEmptyValues: true}"),
    (
      "http-als",
      "envoyHttpAls: {service: a, port: 1, logName: log, filterStateObjectsToLog: [a], "
        + "additionalRequestHeadersToLog: [a], additionalResponseHeadersToLog: [a], "
        + "additionalResponseTrailersToLog: [a]}"
    ),
    ("tcp-als", "envoyTcpAls: {service: a, port: 1, logName: log, filterStateObjectsToLog: [a]}"),
    ("otel-als", "envoyOtelAls: {service: a, port: 1, logName: log, logFormat: {text: t}}"),
    ("sds", "sds: {name: sds, service: a, port: 1}"),
  ]

  static let whole =
    """
    trustDomain: corp.example
    trustDomainAliases: [b.example, a.example]
    rootNamespace: root
    enableAutoMtls: false
    enablePrometheusMerge: false
    discoverySelectors: [{matchLabels: {a: b}, matchExpressions: [{key: a, operator: In, values: [a]}]}]
    serviceSettings: [{settings: {clusterLocal: true}, hosts: ["*.local"]}]
    serviceEntryVisibility:
      defaultVisibility: NAMESPACE
      applyToSidecars: true
      policies: [{visibility: PUBLIC, matchingRules: [{namespaceSelector: {matchLabels: {a: b}}}]}]
    ingressClass: c
    ingressService: s
    ingressSelector: l
    ingressControllerMode: DEFAULT
    proxyListenPort: 1
    proxyInboundListenPort: 2
    proxyHttpPort: 3
    protocolDetectionTimeout: 1s
    pathNormalization: {normalization: MERGE_SLASHES}
    meshMTLS: {minProtocolVersion: TLSV1_3}
    tlsDefaults: {minProtocolVersion: TLSV1_2, ecdhCurves: [P-256], cipherSuites: [AES128-SHA]}
    hboneIdleTimeout: 1s
    inboundTrafficPolicy: {mode: LOCALHOST}
    connectTimeout: 2s
    dnsRefreshRate: 3s
    tcpKeepalive: {probes: 1, time: 1s, interval: 1s}
    outboundTrafficPolicy: {mode: REGISTRY_ONLY, tls: {mode: SIMPLE}}
    defaultServiceExportTo: ["."]
    defaultVirtualServiceExportTo: ["."]
    defaultDestinationRuleExportTo: ["."]
    localityLbSetting: {enabled: false}
    zoneAwareLbSetting: {enabled: true}
    defaultTrafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}, outlierDetection: {}}
    defaultHttpRetryPolicy: {attempts: 1}
    h2UpgradePolicy: UPGRADE
    inboundClusterStatName: "%SERVICE%"
    outboundClusterStatName: "%SERVICE%"
    accessLogFile: /dev/stdout
    accessLogFormat: f
    accessLogEncoding: JSON
    enableEnvoyAccessLogService: true
    disableEnvoyListenerLog: true
    enableTracing: false
    defaultProviders: {tracing: [a], metrics: [b], accessLogging: [c]}
    defaultConfig:
      gatewayTopology:
        {numTrustedProxies: 2, forwardClientCertDetails: SANITIZE, proxyProtocol: {}}
      proxyHeaders:
        forwardedClientCert: SANITIZE
        setCurrentClientCertDetails: {subject: true, cert: true, chain: true, dns: true, uri: true}
        server: {disabled: false, value: x}
        requestId: {disabled: true}
        attemptCount: {disabled: true}
        envoyDebugHeaders: {disabled: true}
        metadataExchangeHeaders: {mode: IN_MESH}
        preserveHttp1HeaderCase: true
        xForwardedHost: {enabled: true}
        xForwardedPort: {enabled: true}
      connectionSettings:
        profile: EDGE
        listenerPerConnectionBufferLimitBytes: 1
        clusterPerConnectionBufferLimitBytes: 1
        httpIdleTimeout: 1s
        httpMaxConnectionDuration: 1s
        httpDrainTimeout: 1s
        httpRequestTimeout: 1s
        httpRequestHeadersTimeout: 1s
        httpStreamIdleTimeout: 1s
        httpMaxStreamDuration: 1s
        httpMaxConcurrentStreams: 1
        http2InitialStreamWindowSize: 65535
        http2InitialConnectionWindowSize: 65535
        httpHeadersWithUnderscoresAction: HEADERS_WITH_UNDERSCORES_ALLOW
        httpMergeSlashes: true
        httpPathWithEscapedSlashesAction: KEEP_UNCHANGED
        listenerConnectionLimit: 1
        globalDownstreamConnectionLimit: 1
      privateKeyProvider: {cryptomb: {pollDelay: 1s, fallback: true}}
      tracing:
        sampling: 1.5
        maxPathTagLength: 1
        customTags:
          {c: {header: {name: h}}, a: {literal: {value: x}}, b: {environment: {name: E, defaultValue: d}}}
        enableIstioTags: true
        tlsSettings: {mode: SIMPLE}
      interceptionMode: TPROXY
      concurrency: 2
      statusPort: 1
      proxyAdminPort: 2
      discoveryAddress: a:1
      serviceCluster: c
      drainDuration: 1s
      meshId: m
      proxyMetadata: {a: b}
      runtimeValues: {a: b}
      envoyAccessLogService: {address: "a:1"}
    extensionProviders:

    """
    + providers.map { "- name: \($0.name)\n  \($0.text)\n" }.joined()
}
