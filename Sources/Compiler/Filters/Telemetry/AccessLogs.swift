internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Where and how requests and connections are logged, as MeshConfig says: by its default providers,
/// or where those come to nothing to a file, to the bootstrap's access log service, or both (istiod's
/// `accesslog.go`).
struct AccessLogs: Hashable {
  private let settings: MeshConfig.AccessLogSettings
  private let providers: [AccessLogProvider]

  init(_ model: MeshModel) {
    let mesh = model.store.meshConfig
    settings = mesh.accessLog
    providers = AccessLogProvider.defaults(of: mesh, model)
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
  var references: [ClusterName] { providers.compactMap(\.service?.cluster) }

  private func logs(
    filter: Envoy.AccessLogFilter?, orElse ofMesh: () -> [Envoy.AccessLog]
  ) -> [Envoy.AccessLog] {
    providers.isEmpty ? ofMesh() : providers.map { $0.log(filter: filter) }
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
  /// Only what went nowhere: response flag NR.
  static var noRoute: Envoy.AccessLogFilter {
    .init(filterSpecifier: .responseFlagFilter(.init(flags: ["NR"])))
  }
}
