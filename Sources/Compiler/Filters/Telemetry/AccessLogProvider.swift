internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A provider of MeshConfig that logs are written to (istiod's `telemetry_logging.go`).
struct AccessLogProvider: Hashable {
  let name: String
  private let sink: Sink
  /// Where logs go by gRPC; nil for a file.
  let service: BackendService?

  private enum Sink: Hashable {
    case file(ExtensionProvider.FileAccessLog)
    /// As MeshConfig formats its own log.
    case meshFile(path: String, MeshConfig.AccessLogSettings)
    case http(ExtensionProvider.GRPCAccessLog, BackendService)
    case tcp(ExtensionProvider.GRPCAccessLog, BackendService)
    case openTelemetry(ExtensionProvider.OpenTelemetryAccessLog, BackendService)
  }

  /// Nil for a provider that is no log, or whose service is not there.
  init?(
    _ provider: ExtensionProvider, _ settings: MeshConfig.AccessLogSettings, _ model: MeshModel
  ) {
    name = provider.name
    switch provider.provider {
    case .envoyFileAccessLog(let log):
      let isBuiltIn = name == "envoy" && log.format == nil && !log.omitEmptyValues
      sink = isBuiltIn ? .meshFile(path: log.path ?? "", settings) : .file(log)
      service = nil
    case .envoyHttpAls(let log):
      guard let service = BackendService(log.backend, model) else { return nil }
      sink = .http(log, service)
      self.service = service
    case .envoyTcpAls(let log):
      guard let service = BackendService(log.backend, model) else { return nil }
      sink = .tcp(log, service)
      self.service = service
    case .envoyOtelAls(let log):
      guard let service = BackendService(log.backend, model) else { return nil }
      sink = .openTelemetry(log, service)
      self.service = service
    case .envoyExtAuthzHttp, .envoyExtAuthzGrpc, .zipkin, .lightstep, .datadog, .stackdriver,
      .opencensus, .skywalking, .opentelemetry, .prometheus, .sds:
      return nil
    }
  }

  /// The log as a listener, a connection manager or a TCP proxy has it.
  func log(filter: Envoy.AccessLogFilter?) -> Envoy.AccessLog {
    switch sink {
    case .meshFile(let path, let settings):
      .file(path, settings.lineFormat, filter: filter)
    case .file(let log):
      .file(
        log.path.flatMap { $0.isEmpty ? nil : $0 } ?? "/dev/stdout", format(of: log),
        filter: filter)
    case .http(let log, let service):
      .log(
        "envoy.access_loggers.http_grpc",
        Envoy.HttpGrpcAccessLogConfig(
          commonConfig: common(log, service, name: "http_envoy_accesslog"),
          additionalRequestHeadersToLog: log.additionalRequestHeadersToLog,
          additionalResponseHeadersToLog: log.additionalResponseHeadersToLog,
          additionalResponseTrailersToLog: log.additionalResponseTrailersToLog),
        filter: filter)
    case .tcp(let log, let service):
      .log(
        "envoy.tcp_grpc_access_log",
        Envoy.TcpGrpcAccessLogConfig(
          commonConfig: common(log, service, name: "tcp_envoy_accesslog")),
        filter: filter)
    case .openTelemetry(let log, let service):
      .log(
        "envoy.access_loggers.open_telemetry", openTelemetry(log, service), filter: filter)
    }
  }

  private func format(of log: ExtensionProvider.FileAccessLog) -> Envoy.SubstitutionFormatString {
    switch log.format {
    case .labels(let labels):
      AccessLogFormat.objects(labels, omitsEmptyValues: log.omitEmptyValues)
    case .text(let text): AccessLogFormat.lines(text, omitsEmptyValues: log.omitEmptyValues)
    case nil: AccessLogFormat.lines(nil, omitsEmptyValues: log.omitEmptyValues)
    }
  }

  private static let peers = ["upstream_peer", "downstream_peer"]
  /// By the names of this release's filters and of those before 1.24.
  static let peersOfEveryRelease =
    peers + [
      "wasm.upstream_peer", "wasm.upstream_peer_id", "wasm.downstream_peer",
      "wasm.downstream_peer_id",
    ]

  private func common(
    _ log: ExtensionProvider.GRPCAccessLog, _ service: BackendService, name: String
  ) -> Envoy.CommonGrpcAccessLogConfig {
    .init(
      logName: log.logName.flatMap { $0.isEmpty ? nil : $0 } ?? name,
      grpcService: .init(targetSpecifier: .envoyGrpc(service.grpc)),
      transportApiVersion: .v3,
      filterStateObjectsToLog: log.filterStateObjectsToLog.isEmpty
        ? Self.peers : log.filterStateObjectsToLog)
  }

  private func openTelemetry(
    _ log: ExtensionProvider.OpenTelemetryAccessLog, _ service: BackendService
  ) -> Envoy.OpenTelemetryAccessLogConfig {
    let text = log.text.flatMap { $0.isEmpty ? nil : $0 } ?? AccessLogFormat.text
    let labels = log.labels.map { label in
      (label.name, AccessLogFormat.texts([label.value]).first ?? "")
    }
    return .init(
      commonConfig: .init(
        logName: log.logName.flatMap { $0.isEmpty ? nil : $0 } ?? "otel_envoy_accesslog",
        grpcService: .init(targetSpecifier: .envoyGrpc(service.grpc)),
        transportApiVersion: .v3, filterStateObjectsToLog: Self.peersOfEveryRelease),
      disableBuiltinLabels: true,
      body: .init(value: .stringValue(text)),
      attributes: labels.isEmpty
        ? nil
        : .init(
          values: labels.map { .init(key: $0.0, value: .init(value: .stringValue($0.1))) }),
      formatters: AccessLogFormat.formatters([text] + labels.map(\.1)))
  }
}
