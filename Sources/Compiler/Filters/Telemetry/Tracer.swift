internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A provider of MeshConfig that spans are sent to (istiod's `configureFromProviderConfig`).
struct Tracer {
  /// The services it calls.
  let services: [BackendService]
  private let kind: Kind
  private let traits: ProxyTraits

  private enum Kind {
    case zipkin(ExtensionProvider.Zipkin)
    case datadog(ExtensionProvider.Datadog)
    case skyWalking
    case openTelemetry(ExtensionProvider.OpenTelemetry)
  }

  /// Nil for a provider that traces nothing, or whose service is not there.
  init?(_ provider: ExtensionProvider, _ model: MeshModel, _ traits: ProxyTraits) {
    self.traits = traits
    let backends: [ExtensionProvider.Backend]
    switch provider.provider {
    case .zipkin(let zipkin):
      kind = .zipkin(zipkin)
      backends = [zipkin.backend]
    case .datadog(let datadog):
      kind = .datadog(datadog)
      backends = [datadog.backend]
    case .skywalking(let skyWalking):
      kind = .skyWalking
      backends = [skyWalking.backend]
    case .opentelemetry(let telemetry):
      kind = .openTelemetry(telemetry)
      if let sampler = telemetry.dynatraceSampler {
        guard sampler.httpBackend != nil || telemetry.http != nil else { return nil }
        backends = [telemetry.backend] + [sampler.httpBackend].compactMap { $0 }
      } else {
        backends = [telemetry.backend]
      }
    case .envoyExtAuthzHttp, .envoyExtAuthzGrpc, .lightstep, .stackdriver, .opencensus,
      .prometheus, .envoyFileAccessLog, .envoyHttpAls, .envoyTcpAls, .envoyOtelAls, .sds:
      return nil
    }
    services = backends.compactMap { BackendService($0, model) }
    guard services.count == backends.count else { return nil }
  }

  private var service: BackendService { services[0] }

  /// Envoy refuses an empty one. Istio's proxies always have one; of others it is the choice of who
  /// starts them.
  private var nonemptyServiceName: String {
    traits.istioVersion == nil && traits.serviceCluster.isEmpty
      ? "istio-proxy" : traits.serviceCluster
  }

  /// A stock Envoy is taken for one of the newest Istio.
  private var version: IstioVersion { traits.istioVersion ?? .newest }

  /// The request that goes on has a span of its own.
  var spawnsUpstreamSpan: Bool {
    if case .skyWalking = kind { true } else { traits.type == .router }
  }

  /// Nil leaves it to ProxyConfig.
  var maxTagLength: Int? {
    let length =
      switch kind {
      case .zipkin(let zipkin): zipkin.maxTagLength
      case .datadog(let datadog): datadog.maxTagLength
      case .openTelemetry(let telemetry): telemetry.maxTagLength
      case .skyWalking: 0
      }
    return length > 0 ? length : nil
  }

  /// Every span has to reach it, for it to choose.
  var samplesByItself: Bool {
    if case .openTelemetry(let telemetry) = kind {
      telemetry.dynatraceSampler != nil
    } else {
      false
    }
  }

  var provider: Envoy.TracingProvider.Http {
    switch kind {
    case .zipkin(let settings): named("envoy.tracers.zipkin", zipkin(settings))
    case .datadog:
      named(
        "envoy.tracers.datadog",
        Envoy.DatadogConfig(
          collectorCluster: service.cluster.text,
          serviceName: nonemptyServiceName,
          collectorHostname: service.host))
    case .skyWalking:
      named(
        "envoy.tracers.skywalking",
        Envoy.SkyWalkingConfig(grpcService: .init(targetSpecifier: .envoyGrpc(service.grpc))))
    case .openTelemetry(let settings):
      named("envoy.tracers.opentelemetry", openTelemetry(settings))
    }
  }

  private func named(
    _ name: String, _ config: some EnvoyMessage
  ) -> Envoy.TracingProvider.Http {
    .init(name: name, configType: .typedConfig(.pack(config)))
  }

  // MARK: Zipkin

  private func zipkin(_ settings: ExtensionProvider.Zipkin) -> Envoy.ZipkinConfig {
    let path = settings.path.flatMap { $0.isEmpty ? nil : $0 } ?? "/api/v2/spans"
    let takesService = version >= IstioVersion(major: 1, minor: 29, patch: 0)
    let takesOption = version >= IstioVersion(major: 1, minor: 28, patch: 0)
    return .init(
      collectorCluster: takesService ? "" : service.cluster.text,
      collectorEndpoint: takesService ? "" : path,
      traceId128bit: !settings.enable64bitTraceId,
      sharedSpanContext: false,
      collectorEndpointVersion: .httpJson,
      collectorHostname: takesService ? "" : service.host,
      traceContextOption: takesOption && settings.traceContextOption == .b3WithW3C
        ? .useB3WithW3cPropagation : .useB3,
      collectorService: takesService
        ? http(
          "http://\(service.host)\(path)", of: service, timeout: settings.timeout ?? .seconds(5),
          headers: settings.headers)
        : nil)
  }

  // MARK: OpenTelemetry

  private func openTelemetry(
    _ settings: ExtensionProvider.OpenTelemetry
  ) -> Envoy.OpenTelemetryConfig {
    let isConventional = settings.enrichment == .otelSemanticConventions
    return .init(
      grpcService: settings.grpc.map { grpc in
        .init(
          targetSpecifier: .envoyGrpc(service.grpc), timeout: grpc.timeout,
          initialMetadata: grpc.metadata.map(header))
      },
      httpService: settings.http.map {
        http(
          joined(service.host, $0.path), of: service, timeout: $0.timeout, headers: $0.headers)
      },
      serviceName: isConventional ? traits.conventionalServiceName : traits.serviceCluster,
      resourceDetectors: detectors(settings, isConventional: isConventional),
      sampler: settings.dynatraceSampler.map { dynatrace($0, settings) })
  }

  private func detectors(
    _ settings: ExtensionProvider.OpenTelemetry, isConventional: Bool
  ) -> [Envoy.TypedExtensionConfig] {
    let prefix = "envoy.tracers.opentelemetry.resource_detectors."
    let environment = Envoy.TypedExtensionConfig(
      name: prefix + "environment",
      typedConfig: .pack(Envoy.EnvironmentResourceDetectorConfig()))
    let dynatrace = Envoy.TypedExtensionConfig(
      name: prefix + "dynatrace", typedConfig: .pack(Envoy.DynatraceResourceDetectorConfig()))
    return (settings.detectsEnvironment ? [environment] : [])
      + (settings.detectsDynatrace ? [dynatrace] : [])
      + (isConventional && !settings.detectsEnvironment ? [environment] : [])
  }

  /// Asks Dynatrace by the sampler's own service, else by the exporter's.
  private func dynatrace(
    _ sampler: ExtensionProvider.DynatraceSampler, _ settings: ExtensionProvider.OpenTelemetry
  ) -> Envoy.TypedExtensionConfig {
    let isOwn = sampler.httpBackend != nil
    let service = isOwn ? services[1] : self.service
    let settings = isOwn ? sampler.httpService : settings.http
    let path = isOwn ? settings?.path : "api/v2/samplingConfiguration"
    return .init(
      name: "envoy.tracers.opentelemetry.samplers.dynatrace",
      typedConfig: .pack(
        Envoy.DynatraceSamplerConfig(
          tenant: sampler.tenant, clusterId: Int32(clamping: sampler.clusterID),
          httpService: http(
            joined(service.host, path), of: service, timeout: settings?.timeout,
            headers: settings?.headers ?? []),
          rootSpansPerMinute: UInt32(clamping: sampler.rootSpansPerMinute))))
  }

  // MARK: HTTP

  private func http(
    _ uri: String, of service: BackendService, timeout: Duration?,
    headers: [ExtensionProvider.HTTPHeader]
  ) -> Envoy.HttpService {
    .init(
      httpUri: .init(
        uri: uri, httpUpstreamType: .cluster(service.cluster.text), timeout: timeout),
      requestHeadersToAdd: headers.map {
        .init(header: header($0), appendAction: .overwriteIfExistsOrAdd)
      })
  }

  /// Not here, on purpose: environment variables of the control plane, whose values this cannot know.
  private func header(_ header: ExtensionProvider.HTTPHeader) -> Envoy.HeaderValue {
    switch header.value {
    case .text(let value): .init(key: header.name, value: value)
    case .environment: .init(key: header.name)
    }
  }

  /// As Go's `url.JoinPath` puts them together: one slash between any two parts.
  private func joined(_ host: String, _ path: String?) -> String {
    let parts = (path ?? "").split(separator: "/")
    let end = path?.last == "/" && !parts.isEmpty ? "/" : ""
    return ([host] + parts.map(String.init)).joined(separator: "/") + end
  }
}

extension ExtensionProvider.OpenTelemetry {
  fileprivate var http: ExtensionProvider.HTTPService? {
    if case .http(let service) = transport { service } else { nil }
  }
  fileprivate var grpc: (timeout: Duration?, metadata: [ExtensionProvider.HTTPHeader])? {
    if case .grpc(let timeout, let metadata) = transport { (timeout, metadata) } else { nil }
  }
}
