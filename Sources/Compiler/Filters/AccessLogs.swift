internal import Documents
internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Where and how requests and connections are logged, as MeshConfig says: a file, the bootstrap's
/// access log service, or both (istiod's `accesslog.go`).
struct AccessLogs {
  private let settings: MeshConfig.AccessLogSettings

  init(_ mesh: MeshConfig, _ traits: ProxyTraits) { settings = mesh.accessLog }

  var http: [Envoy.AccessLog] { file(filter: nil) + service(.http) }
  var tcp: [Envoy.AccessLog] { file(filter: nil) + service(.tcp) }

  /// What no filter chain took.
  var listener: [Envoy.AccessLog] {
    settings.disablesListenerLog ? [] : file(filter: .noRoute) + service(.listener)
  }

  private enum Sink: String {
    case http = "http_envoy_accesslog"
    case tcp = "tcp_envoy_accesslog"
    case listener = "listener_envoy_accesslog"
  }

  private func file(filter: Envoy.AccessLogFilter?) -> [Envoy.AccessLog] {
    guard let path = settings.file, !path.isEmpty else { return [] }
    return [
      .init(
        name: "envoy.access_loggers.file", filter: filter,
        configType: .typedConfig(
          .pack(Envoy.FileAccessLog(path: path, accessLogFormat: .logFormat(format)))))
    ]
  }

  private var format: Envoy.SubstitutionFormatString {
    switch settings.encoding {
    case .text:
      let text = settings.format ?? AccessLogFormat.text
      return .init(
        format: .textFormatSource(
          .init(specifier: .inlineString(text.hasSuffix("\n") ? text : text + "\n"))),
        formatters: formatters(text))
    case .json:
      return .init(
        format: .jsonFormat(AccessLogFormat.json(settings.format)),
        formatters: formatters(settings.format ?? ""), jsonFormatOptions: .init())
    }
  }

  private func formatters(_ text: String) -> [Envoy.TypedExtensionConfig] {
    guard text.contains("%REQ_WITHOUT_QUERY") else { return [] }
    return [
      .init(
        name: "envoy.formatter.req_without_query", typedConfig: .pack(Envoy.ReqWithoutQuery()))
    ]
  }

  private func service(_ sink: Sink) -> [Envoy.AccessLog] {
    guard settings.usesEnvoyService else { return [] }
    let common = Envoy.CommonGrpcAccessLogConfig(
      logName: sink.rawValue,
      grpcService: .init(
        targetSpecifier: .envoyGrpc(.init(clusterName: "envoy_accesslog_service"))),
      transportApiVersion: .v3,
      filterStateObjectsToLog: [
        "upstream_peer", "downstream_peer", "wasm.upstream_peer", "wasm.upstream_peer_id",
        "wasm.downstream_peer", "wasm.downstream_peer_id",
      ])
    switch sink {
    case .http:
      return [
        .init(
          name: "envoy.access_loggers.http_grpc",
          configType: .typedConfig(.pack(Envoy.HttpGrpcAccessLogConfig(commonConfig: common))))
      ]
    case .tcp, .listener:
      return [
        .init(
          name: "envoy.tcp_grpc_access_log",
          filter: sink == .listener ? .noRoute : nil,
          configType: .typedConfig(.pack(Envoy.TcpGrpcAccessLogConfig(commonConfig: common))))
      ]
    }
  }
}

extension Envoy.AccessLogFilter {
  /// Only what went nowhere: response flag NR.
  static var noRoute: Envoy.AccessLogFilter {
    .init(filterSpecifier: .responseFlagFilter(.init(flags: ["NR"])))
  }
}
