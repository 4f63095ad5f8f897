internal import Delivery
internal import HTTPServer
internal import Linux
internal import Transport

extension DebugPages {
  /// Prometheus' text format, with istiod's names where the meaning is the same.
  func metrics() -> Response {
    do throws(LinuxError) {
      let engine = try mailboxes.ask(engine: { EngineMetrics($0) })
      let services = try mailboxes.ask(services: { ServiceState($0) })
      guard let engine, let services else { return .busy }
      let clusters = readiness.clusters
      let kinds = clusters.own.map { _ in
        clusters.metrics(own: engine.clusterID, now: .now).map(\.text).joined()
      }
      let writer = readiness.writer?.metrics.map(\.text).joined() ?? ""
      return .text(
        engine.text + serviceMetrics(services) + pushes.now.times.text + (kinds ?? "") + writer)
    } catch {
      return .text("\(error)\n", status: 500)
    }
  }
}

/// One metric family in Prometheus' text format (version 0.0.4).
struct MetricFamily {
  let name: String
  let kind: String
  let help: String
  var samples: [(labels: [(String, String)], value: Int)]

  var text: String {
    let lines = samples.map { labels, value in
      let pairs = labels.map { "\($0)=\"\(MetricFamily.escaped($1))\"" }
      return "\(name)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(value)\n"
    }
    return "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n" + lines.joined()
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  static func gauge(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
    MetricFamily(name: name, kind: "gauge", help: help, samples: [([], value)])
  }

  static func counter(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
    MetricFamily(name: name, kind: "counter", help: help, samples: [([], value)])
  }
}

private struct EngineMetrics: Sendable {
  let text: String
  let clusterID: String

  init(_ engine: Engine) {
    clusterID = engine.model.options.clusterID
    let counts = engine.objectCounts
    text = [
      MetricFamily.gauge("pilot_services", "Services known", counts.services),
      MetricFamily.gauge("pilot_virt_services", "VirtualServices known", counts.virtualServices),
      MetricFamily.gauge(
        "fairlead_rejected_objects", "Objects refused as they stand", engine.refusals.count),
      MetricFamily.gauge(
        "fairlead_proxy_classes", "Classes of proxies compiled for", engine.publisher.classCount),
      MetricFamily.counter(
        "pilot_jwks_resolver_network_fetch_success_total", "Key sets fetched",
        engine.keyFetches.successes),
      MetricFamily.counter(
        "pilot_jwks_resolver_network_fetch_fail_total", "Key sets that could not be fetched",
        engine.keyFetches.failures),
      MetricFamily(
        name: "fairlead_values_computed_total", kind: "counter",
        help: "Derived values computed, by function",
        samples: engine.model.graph.computed.sorted { $0.key < $1.key }.map {
          ([("function", $0.key)], $0.value)
        }),
    ].map(\.text).joined()
  }
}

/// What an I/O thread has to say of its clients.
private struct ServiceState: Sendable {
  let clients: Int
  let counters: DiscoveryService.Counters
  let transport: ServerCounters
  let statuses: [StreamStatus]
  let lags: [Lag]
  let slowClients: Int
  let now: Duration

  init(_ service: DiscoveryService) {
    clients = service.calls.count
    counters = service.counters
    transport = service.transport()
    statuses = service.calls.values.map(\.stream.status)
    lags = service.calls.values.compactMap(\.stream.lag)
    slowClients = service.slowClientCount
    now = service.elapsed
  }
}

/// The sums over all I/O threads.
private func serviceMetrics(_ services: [ServiceState]) -> String {
  let ofTypes = services.flatMap(\.statuses).flatMap(\.types)
  func byType(_ value: (ResourceType) -> Int) -> [(labels: [(String, String)], value: Int)] {
    ResourceType.allCases.map { ([("type", $0.serviceName.lowercased())], value($0)) }
  }
  func total(_ value: (StreamStatus.TypeStatus) -> Int) -> [(
    labels: [(String, String)], value: Int
  )] {
    byType { type in ofTypes.filter { $0.type == type }.map(value).reduce(0, +) }
  }
  func sent(_ counts: (DiscoveryService.Counters) -> [ResourceType: Int]) -> [(
    labels: [(String, String)], value: Int
  )] {
    byType { type in services.map { counts($0.counters)[type] ?? 0 }.reduce(0, +) }
  }
  let lags = services.flatMap(\.lags)
  let oldest = services.compactMap { state in state.lags.map { state.now - $0.since }.max() }.max()
  return [
    MetricFamily(
      name: "fairlead_pending_pushes", kind: "gauge",
      help: "Clients to which a change was not sent, or that have not answered a response",
      samples: [
        ([("state", "unsent")], lags.count { !$0.unsent.isEmpty }),
        ([("state", "unanswered")], lags.count { !$0.unanswered.isEmpty }),
      ]),
    MetricFamily.gauge(
      "fairlead_pending_push_age_milliseconds", "How long the one furthest behind has been so",
      oldest.map { Int($0.inMilliseconds) } ?? 0),
    MetricFamily.gauge(
      "fairlead_slow_clients", "Clients that have been behind for 5 seconds",
      services.map(\.slowClients).reduce(0, +)),
    MetricFamily.gauge("pilot_xds", "Clients connected", services.map(\.clients).reduce(0, +)),
    MetricFamily(
      name: "fairlead_io_thread_clients", kind: "gauge", help: "Clients connected, by I/O thread",
      samples: services.enumerated().map { ([("thread", "\($0)")], $1.clients) }),
    MetricFamily(
      name: "fairlead_connections_total", kind: "counter",
      help: "Connections of clients: taken in, refused, asked to come again for age or number",
      samples: [
        ([("what", "accepted")], services.map(\.transport.accepted).reduce(0, +)),
        ([("what", "refused")], services.map(\.transport.refused).reduce(0, +)),
        ([("what", "aged")], services.map(\.transport.retired).reduce(0, +)),
        ([("what", "shed")], services.map(\.transport.shed).reduce(0, +)),
      ]),
    MetricFamily(
      name: "pilot_xds_pushes", kind: "counter", help: "Responses sent, by type",
      samples: sent(\.pushes)),
    MetricFamily(
      name: "fairlead_xds_sent_bytes_total", kind: "counter", help: "Bytes of responses, by type",
      samples: sent(\.bytes)),
    MetricFamily(
      name: "pilot_total_xds_rejects", kind: "gauge",
      help: "Responses that connected clients have rejected", samples: total(\.record.rejections)),
    MetricFamily(
      name: "pilot_xds_expired_nonce", kind: "gauge",
      help: "Requests of connected clients with a nonce that was out of date",
      samples: total(\.record.staleNonces)),
  ].map(\.text).joined()
}
