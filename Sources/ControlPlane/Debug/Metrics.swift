internal import Delivery
internal import HTTPServer
internal import Linux

extension DebugPages {
  /// Prometheus' text format, with istiod's names where the meaning is the same.
  func metrics() -> Response {
    do throws(LinuxError) {
      let engine = try mailboxes.ask(engine: { EngineMetrics($0) })
      let services = try mailboxes.ask(services: { ServiceMetrics.State($0) })
      guard let engine, let services else { return .busy }
      let clusters = readiness.clusters
      let kinds = clusters.own.map { _ in
        clusters.metrics(own: engine.clusterID, now: .now).map(\.text).joined()
      }
      let roots = try rootMetrics() ?? ""
      let writer = readiness.writer?.metrics.map(\.text).joined() ?? ""
      return .text(
        engine.text + ServiceMetrics(threads: services).text + pushes.now.times.text + (kinds ?? "")
          + writer + roots)
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
    text =
      [
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
      ].map(\.text).joined() + engine.auditCounters.metrics.map(\.text).joined()
  }
}
