internal import Delivery
internal import HTTPServer
internal import Linux

extension DebugPages {
  /// Prometheus' text format, with istiod's names where the meaning is the same.
  func metrics() -> Response {
    do throws(LinuxError) {
      let engine = try mailboxes.askEngine { EngineMetrics($0) }
      let service = try mailboxes.askService { ServiceMetrics($0) }
      guard let engine, let service else { return .busy }
      let cluster = readiness.cluster?.metrics(now: .now).map(\.text).joined() ?? ""
      return .text(engine.text + service.text + cluster)
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

  init(_ engine: Engine) {
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

private struct ServiceMetrics: Sendable {
  let text: String

  init(_ service: DiscoveryService) {
    let types = ResourceType.allCases
    let statuses = service.calls.values.map(\.stream.status)
    func total(_ value: (StreamStatus.TypeStatus) -> Int) -> [(
      labels: [(String, String)], value: Int
    )] {
      types.map { type in
        let ofType = statuses.flatMap(\.types).filter { $0.type == type }
        return ([("type", type.serviceName.lowercased())], ofType.map(value).reduce(0, +))
      }
    }
    text = [
      MetricFamily.gauge("pilot_xds", "Clients connected", service.calls.count),
      MetricFamily(
        name: "pilot_xds_pushes", kind: "counter", help: "Responses sent, by type",
        samples: types.map {
          ([("type", $0.serviceName.lowercased())], service.counters.pushes[$0] ?? 0)
        }),
      MetricFamily(
        name: "fairlead_xds_sent_bytes_total", kind: "counter", help: "Bytes of responses, by type",
        samples: types.map {
          ([("type", $0.serviceName.lowercased())], service.counters.bytes[$0] ?? 0)
        }),
      MetricFamily(
        name: "pilot_total_xds_rejects", kind: "gauge",
        help: "Responses that connected clients have rejected", samples: total(\.record.rejections)),
      MetricFamily(
        name: "pilot_xds_expired_nonce", kind: "gauge",
        help: "Requests of connected clients with a nonce that was out of date",
        samples: total(\.record.staleNonces)),
    ].map(\.text).joined()
  }
}
