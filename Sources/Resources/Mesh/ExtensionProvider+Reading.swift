internal import Diagnostics
internal import Documents

extension ExtensionProvider: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(name: fields.text("name"), provider: Provider(&fields))
    if name.isEmpty { fields.report(.providerWithoutName()) }
  }
}

extension ExtensionProvider.Provider {
  private static let names = [
    "envoyExtAuthzHttp", "envoyExtAuthzGrpc", "zipkin", "lightstep", "datadog", "stackdriver",
    "opencensus", "skywalking", "opentelemetry", "prometheus", "envoyFileAccessLog",
    "envoyHttpAls", "envoyTcpAls", "envoyOtelAls", "sds",
  ]

  fileprivate init(_ fields: inout Fields) {
    let given = Self.names.filter { fields.has($0) }
    if given.count > 1 { fields.report(.exclusive(given)) }
    if given.isEmpty { fields.report(.providerWithoutKind(known: Self.names)) }
    let authorizer: Self? =
      fields.one("envoyExtAuthzHttp") { .envoyExtAuthzHttp(.init(&$0)) }
      ?? fields.one("envoyExtAuthzGrpc") { .envoyExtAuthzGrpc(.init(&$0)) }
    let tracer: Self? =
      fields.one("zipkin") { .zipkin(.init(&$0)) } ?? fields.one("datadog") { .datadog(.init(&$0)) }
      ?? fields.one("skywalking") { .skywalking(.init(&$0)) }
      ?? fields.one("opentelemetry") { .opentelemetry(.init(&$0)) }
    let log: Self? =
      fields.one("envoyFileAccessLog") { .envoyFileAccessLog(.init(&$0)) }
      ?? fields.one("envoyHttpAls") { .envoyHttpAls(.init(&$0)) }
      ?? fields.one("envoyTcpAls") { .envoyTcpAls(.init(&$0)) }
      ?? fields.one("envoyOtelAls") { .envoyOtelAls(.init(&$0)) }
    let other: Self? =
      fields.part("lightstep") { _ in .lightstep } ?? fields.part("opencensus") { _ in .opencensus }
      ?? fields.part("stackdriver") { _ in .stackdriver }
      ?? fields.part("prometheus") { _ in .prometheus } ?? fields.one("sds") { .sds(.init(&$0)) }
    self = authorizer ?? tracer ?? log ?? other ?? .prometheus
  }
}

extension ExtensionProvider.Backend {
  /// `service` and `port`, which stand beside a provider's own fields.
  fileprivate init(_ fields: inout Fields) {
    let service = fields.text("service")
    let parts = service.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    self.init(
      namespace: parts.count == 2 ? parts[0] : nil, host: parts.count == 2 ? parts[1] : service,
      port: fields.int("port", .uint32) ?? 0)
  }
}

extension ExtensionProvider.RequestBody: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      maxRequestBytes: fields.int("maxRequestBytes", .uint32) ?? 0,
      allowPartialMessage: fields.flag("allowPartialMessage"),
      packAsBytes: fields.flag("packAsBytes"))
  }
}

extension ExtensionProvider.ExternalAuthorizationHTTP {
  fileprivate init(_ fields: inout Fields) {
    let oldHeaders = fields.strings("includeHeadersInCheck")
    let headers = fields.strings("includeRequestHeadersInCheck")
    self.init(
      backend: .init(&fields),
      timeout: fields.duration("timeout"),
      pathPrefix: fields.string("pathPrefix"),
      failOpen: fields.flag("failOpen"),
      clearRouteCache: fields.flag("clearRouteCache"),
      statusOnError: fields.string("statusOnError").map { Int($0) ?? 0 },
      includeRequestHeadersInCheck: headers.isEmpty ? oldHeaders : headers,
      includeAdditionalHeadersInCheck: fields.sortedStrings("includeAdditionalHeadersInCheck"),
      includeRequestBodyInCheck: fields.one("includeRequestBodyInCheck"),
      headersToUpstreamOnAllow: fields.strings("headersToUpstreamOnAllow"),
      headersToDownstreamOnDeny: fields.strings("headersToDownstreamOnDeny"),
      headersToDownstreamOnAllow: fields.strings("headersToDownstreamOnAllow"))
  }
}

extension ExtensionProvider.ExternalAuthorizationGRPC {
  fileprivate init(_ fields: inout Fields) {
    self.init(
      backend: .init(&fields),
      timeout: fields.duration("timeout"),
      failOpen: fields.flag("failOpen"),
      clearRouteCache: fields.flag("clearRouteCache"),
      statusOnError: fields.string("statusOnError").map { Int($0) ?? 0 },
      includeRequestBodyInCheck: fields.one("includeRequestBodyInCheck"))
  }
}

extension ExtensionProvider.SDS {
  fileprivate init(_ fields: inout Fields) {
    self.init(name: fields.string("name"), backend: .init(&fields))
  }
}

extension ExtensionProvider.HTTPHeader: FieldReadable {
  init(_ fields: inout Fields) {
    let value = fields.presentString("value")
    let variable = fields.presentString("envName")
    if value != nil, variable != nil { fields.report(.exclusive(["value", "envName"])) }
    self.init(
      name: fields.text("name"),
      value: variable.map { .environment($0) } ?? .text(value ?? ""))
  }
}

extension ExtensionProvider.Zipkin {
  fileprivate init(_ fields: inout Fields) {
    self.init(
      backend: .init(&fields),
      maxTagLength: fields.int("maxTagLength", .uint32) ?? 0,
      enable64bitTraceId: fields.flag("enable64bitTraceId"),
      path: fields.string("path"),
      traceContextOption: fields.choice("traceContextOption") ?? .b3,
      timeout: fields.duration("timeout"),
      headers: fields.many("headers"))
  }
}

extension ExtensionProvider.Datadog {
  fileprivate init(_ fields: inout Fields) {
    self.init(
      backend: .init(&fields), maxTagLength: fields.int("maxTagLength", .uint32) ?? 0)
  }
}

extension ExtensionProvider.SkyWalking {
  fileprivate init(_ fields: inout Fields) {
    self.init(backend: .init(&fields), accessToken: fields.string("accessToken"))
  }
}

extension ExtensionProvider.OpenTelemetry {
  fileprivate init(_ fields: inout Fields) {
    let http = fields.one("http", ExtensionProvider.HTTPService.self)
    let grpc = fields.one("grpc") {
      Transport.grpc(
        timeout: $0.duration("timeout"), initialMetadata: $0.many("initialMetadata"))
    }
    let detectors = fields.one("resourceDetectors") { detectors in
      let environment: Void? = detectors.one("environment") { _ in }
      let dynatrace: Void? = detectors.one("dynatrace") { _ in }
      return (environment: environment != nil, dynatrace: dynatrace != nil)
    }
    self.init(
      backend: .init(&fields),
      maxTagLength: fields.int("maxTagLength", .uint32) ?? 0,
      transport: http.map { .http($0) } ?? grpc ?? .grpc(timeout: nil, initialMetadata: []),
      detectsEnvironment: detectors?.environment ?? false,
      detectsDynatrace: detectors?.dynatrace ?? false,
      enrichment: fields.choice("serviceAttributeEnrichment") ?? .istioCanonical,
      dynatraceSampler: fields.one("dynatraceSampler"))
  }
}

extension ExtensionProvider.HTTPService: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      path: fields.string("path"), timeout: fields.duration("timeout"),
      headers: fields.many("headers"))
  }
}

extension ExtensionProvider.DynatraceSampler: FieldReadable {
  init(_ fields: inout Fields) {
    let service = fields.one("httpService") {
      (
        backend: ExtensionProvider.Backend(&$0),
        http: $0.one("http") as ExtensionProvider.HTTPService?
      )
    }
    self.init(
      tenant: fields.text("tenant"), clusterID: fields.int("clusterId", .int32) ?? 0,
      rootSpansPerMinute: fields.int("rootSpansPerMinute", .uint32) ?? 0,
      httpBackend: service?.backend, httpService: service?.http)
  }
}

extension ExtensionProvider.FileAccessLog {
  fileprivate init(_ fields: inout Fields) {
    self.init(
      path: fields.string("path"),
      format: fields.one("logFormat") { ExtensionProvider.LogFormat(&$0) } ?? nil,
      omitEmptyValues: fields.flag("omitEmptyValues"))
  }
}

extension ExtensionProvider.LogFormat {
  fileprivate init?(_ fields: inout Fields) {
    let text = fields.format("text")
    let labels: Node? = fields.value("labels") { reading, node in
      if node.isMapping { return reading.formats(node.detached) }
      return reading.refuse(node, expected: "a mapping")
    }
    if fields.has("text"), fields.has("labels") { fields.report(.exclusive(["text", "labels"])) }
    guard let format = labels.map({ Self.labels($0) }) ?? text.map({ .text($0) }) else {
      return nil
    }
    self = format
  }
}

extension ExtensionProvider.GRPCAccessLog {
  fileprivate init(_ fields: inout Fields) {
    self.init(
      backend: .init(&fields),
      logName: fields.string("logName"),
      filterStateObjectsToLog: fields.strings("filterStateObjectsToLog"),
      additionalRequestHeadersToLog: fields.strings("additionalRequestHeadersToLog"),
      additionalResponseHeadersToLog: fields.strings("additionalResponseHeadersToLog"),
      additionalResponseTrailersToLog: fields.strings("additionalResponseTrailersToLog"))
  }
}

extension ExtensionProvider.OpenTelemetryAccessLog {
  fileprivate init(_ fields: inout Fields) {
    let format = fields.one("logFormat") { format in
      (
        text: format.format("text"),
        labels: format.entries("labels") { $0.holdsFormats($2) ? $2 : nil }
      )
    }
    self.init(
      backend: .init(&fields), logName: fields.string("logName"), text: format?.text,
      labels: format?.labels ?? [])
  }
}
