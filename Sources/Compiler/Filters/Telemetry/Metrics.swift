internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Istio's metrics of a class of proxies: one filter for each Prometheus provider that counts them,
/// sorted by name (istiod's `generateStatsConfig`).
struct Metrics: Hashable {
  private let providers: [AppliedTelemetry.Metrics]

  init(_ model: MeshModel, _ proxies: ProxyClass) {
    let mesh = model.store.meshConfig
    providers = model.policies.telemetry.applied(.init(proxies, .client)).metrics.filter {
      mesh.extensionProvider(named: $0.provider)?.provider == .prometheus
    }
  }

  var http: [Envoy.HttpFilter] { providers.map { .filter("istio.stats", config($0)) } }
  var network: [Envoy.Filter] { providers.map { .filter("istio.stats", config($0)) } }

  private func config(_ metrics: AppliedTelemetry.Metrics) -> Envoy.StatsPluginConfig {
    .init(
      disableHostHeaderFallback: true, tcpReportingDuration: metrics.reportingInterval,
      metrics: metrics.overrides.map(metric))
  }

  private func metric(_ override: AppliedTelemetry.Metrics.Override) -> Envoy.MetricConfig {
    .init(
      dimensions: .init(
        override.tags.compactMap { tag in
          if case .upsert(let expression) = tag.value { (tag.name, expression) } else { nil }
        }),
      name: override.metric.prometheusName,
      tagsToRemove: override.tags.filter { $0.value == .remove }.map(\.name),
      drop: override.disabled)
  }
}

extension Telemetry.Metric {
  /// As Prometheus shows it, but for the prefix `istio_`.
  fileprivate var prometheusName: String {
    switch self {
    case .custom(let name): name
    case .standard(let metric):
      switch metric {
      // Spelt out before it comes here.
      case .all: metric.rawValue
      case .requestCount: "requests_total"
      case .requestDuration: "request_duration_milliseconds"
      case .requestSize: "request_bytes"
      case .responseSize: "response_bytes"
      case .tcpOpenedConnections: "tcp_connections_opened_total"
      case .tcpClosedConnections: "tcp_connections_closed_total"
      case .tcpSentBytes: "tcp_sent_bytes_total"
      case .tcpReceivedBytes: "tcp_received_bytes_total"
      case .grpcRequestMessages: "request_messages_total"
      case .grpcResponseMessages: "response_messages_total"
      }
    }
  }
}
