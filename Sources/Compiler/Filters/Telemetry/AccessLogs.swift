internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Where and how a class of proxies logs requests and connections: as its Telemetries and the default
/// providers of MeshConfig say, or where those come to nothing as MeshConfig alone does, to a file, to
/// the bootstrap's access log service, or both (istiod's `accesslog.go`).
struct AccessLogs: Hashable {
  private let settings: MeshConfig.AccessLogSettings
  /// Those that are there, sorted by name, with those that are turned off.
  private let logs: [Log]

  private struct Log: Hashable {
    let provider: AccessLogProvider
    let disabled: Bool
    /// A CEL expression.
    let filter: String?
  }

  init(_ model: MeshModel, _ proxies: ProxyClass) {
    let mesh = model.store.meshConfig
    settings = mesh.accessLog
    let applied = model.policies.telemetry.applied(.init(proxies, .client)).accessLogs
    logs = applied.compactMap { log in
      mesh.extensionProvider(named: log.provider)
        .flatMap { AccessLogProvider($0, mesh.accessLog, model) }
        .map { Log(provider: $0, disabled: log.disabled, filter: log.filter) }
    }.enumerated().sorted {
      ($0.element.provider.name, $0.offset) < ($1.element.provider.name, $1.offset)
    }.map(\.element)
  }

  var http: [Envoy.AccessLog] {
    logs(filter: nil) { file(filter: nil) + service(.http) }
  }

  var tcp: [Envoy.AccessLog] {
    logs(filter: nil) { file(filter: nil) + service(.tcp) }
  }

  /// What no filter chain took.
  var listener: [Envoy.AccessLog] {
    settings.disablesListenerLog
      ? [] : logs(filter: .noRoute) { file(filter: .noRoute) + service(.listener) }
  }

  /// The clusters that logs are sent to.
  var references: [ClusterName] {
    logs.filter { !$0.disabled }.compactMap(\.provider.service?.cluster)
  }

  private func logs(
    filter: Envoy.AccessLogFilter?, orElse ofMesh: () -> [Envoy.AccessLog]
  ) -> [Envoy.AccessLog] {
    guard !logs.isEmpty else { return ofMesh() }
    return logs.filter { !$0.disabled }.map { log in
      log.provider.log(filter: .all(of: [filter, log.filter.map { .expression($0) }]))
    }
  }

  private func file(filter: Envoy.AccessLogFilter?) -> [Envoy.AccessLog] {
    guard let path = settings.file, !path.isEmpty else { return [] }
    return [.file(path, settings.lineFormat, filter: filter)]
  }

  private enum Sink: String {
    case http = "http_envoy_accesslog"
    case tcp = "tcp_envoy_accesslog"
    case listener = "listener_envoy_accesslog"
  }

  private func service(_ sink: Sink) -> [Envoy.AccessLog] {
    guard settings.usesEnvoyService else { return [] }
    let common = Envoy.CommonGrpcAccessLogConfig(
      logName: sink.rawValue,
      grpcService: .init(
        targetSpecifier: .envoyGrpc(.init(clusterName: "envoy_accesslog_service"))),
      transportApiVersion: .v3,
      filterStateObjectsToLog: AccessLogProvider.peersOfEveryRelease)
    switch sink {
    case .http:
      return [
        .log("envoy.access_loggers.http_grpc", Envoy.HttpGrpcAccessLogConfig(commonConfig: common))
      ]
    case .tcp, .listener:
      return [
        .log(
          "envoy.tcp_grpc_access_log", Envoy.TcpGrpcAccessLogConfig(commonConfig: common),
          filter: sink == .listener ? .noRoute : nil)
      ]
    }
  }
}

extension MeshConfig.AccessLogSettings {
  var lineFormat: Envoy.SubstitutionFormatString {
    switch encoding {
    case .text: AccessLogFormat.lines(format)
    case .json: AccessLogFormat.objects(format.flatMap(AccessLogFormat.parsed))
    }
  }
}

extension Envoy.AccessLog {
  static func file(
    _ path: String, _ format: Envoy.SubstitutionFormatString, filter: Envoy.AccessLogFilter?
  ) -> Envoy.AccessLog {
    .log(
      "envoy.access_loggers.file",
      Envoy.FileAccessLog(path: path, accessLogFormat: .logFormat(format)), filter: filter)
  }

  static func log(
    _ name: String, _ config: some EnvoyMessage, filter: Envoy.AccessLogFilter? = nil
  ) -> Envoy.AccessLog {
    .init(name: name, filter: filter, configType: .typedConfig(.pack(config)))
  }
}

extension Envoy.AccessLogFilter {
  /// Nil where there is none.
  fileprivate static func all(of filters: [Envoy.AccessLogFilter?]) -> Envoy.AccessLogFilter? {
    let filters = filters.compactMap { $0 }
    return filters.count > 1
      ? .init(filterSpecifier: .andFilter(.init(filters: filters))) : filters.first
  }

  /// Only what the CEL expression is true of.
  fileprivate static func expression(_ text: String) -> Envoy.AccessLogFilter {
    .init(
      filterSpecifier: .extensionFilter(
        .init(
          name: "envoy.access_loggers.extension_filters.cel",
          configType: .typedConfig(.pack(Envoy.ExpressionFilter(expression: text))))))
  }

  /// Only what went nowhere: response flag NR.
  static var noRoute: Envoy.AccessLogFilter {
    .init(filterSpecifier: .responseFlagFilter(.init(flags: ["NR"])))
  }
}
