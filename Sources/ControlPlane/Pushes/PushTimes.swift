internal import Delivery

/// How long it took from changes to clients, since the start.
struct PushTimes: Sendable {
  /// From the change, by raw value of the type.
  private var compiled = PushTimes.byType(Histogram.seconds)
  private var sent = PushTimes.byType(Histogram.seconds)
  private var accepted = PushTimes.byType(Histogram.seconds)
  private var sizes = PushTimes.byType(Histogram.bytes)
  /// From compiled to sent.
  private var queued = Histogram(bounds: Histogram.seconds)
  /// From a change until a client was sent all there is.
  var convergence = Histogram(bounds: Histogram.seconds)
  private var rejected = [Int](repeating: 0, count: ResourceType.allCases.count)
  private var triggers: [String: Int] = [:]
  /// How often a client became slow.
  var slowClients = 0

  private static func byType(_ bounds: [Double]) -> [Histogram] {
    Array(repeating: Histogram(bounds: bounds), count: ResourceType.allCases.count)
  }

  mutating func compiled(_ record: PushRecord) {
    triggers[record.cause.trigger, default: 0] += 1
    for (type, changes) in record.types.enumerated() where changes.changed + changes.removed > 0 {
      compiled[type].observe(record.push.compiledAt - record.push.changedAt)
    }
  }

  mutating func sent(_ response: SentResponse) {
    sizes[response.type.rawValue].observe(Double(response.bytes))
    guard let push = response.oldest else { return }
    sent[response.type.rawValue].observe(response.sentAt - push.changedAt)
    queued.observe(response.sentAt - push.compiledAt)
  }

  mutating func answered(_ verdict: Verdict, at now: Duration) {
    guard verdict.rejection == nil else {
      rejected[verdict.type.rawValue] += 1
      return
    }
    guard let push = verdict.push else { return }
    accepted[verdict.type.rawValue].observe(now - push.changedAt)
  }

  /// In Prometheus' text format, with istiod's names where the meaning is the same.
  var text: String {
    [
      family(
        "fairlead_push_compiled_seconds",
        "From a change being read until what follows from it was compiled, by type", compiled),
      family(
        "pilot_xds_push_time", "From a change being read until it was sent to a client, by type",
        sent),
      family(
        "fairlead_push_acked_seconds",
        "From a change being read until a client accepted it, by type", accepted),
      family("pilot_xds_config_size_bytes", "Sizes of responses, by type", sizes),
      family(
        "pilot_proxy_queue_time", "From a change being compiled until it was sent to a client",
        queued),
      family(
        "pilot_proxy_convergence_time",
        "From a change being read until a client was sent all that follows from it", convergence),
      MetricFamily(
        name: "pilot_push_triggers", kind: "counter", help: "Pushes, by what changed first",
        samples: triggers.sorted { $0.key < $1.key }.map { ([("type", $0.key)], $0.value) }
      ).text,
      MetricFamily(
        name: "fairlead_rejected_responses_total", kind: "counter",
        help: "Responses that clients rejected, by type",
        samples: ResourceType.allCases.map {
          ([("type", $0.serviceName.lowercased())], rejected[$0.rawValue])
        }
      ).text,
      MetricFamily.counter(
        "fairlead_slow_clients_total",
        "How often a client has not taken or not answered what it was sent for too long",
        slowClients
      ).text,
    ].joined()
  }

  private func family(_ name: String, _ help: String, _ byType: [Histogram]) -> String {
    MetricFamily.histogram(name, help)
      + ResourceType.allCases.map { type in
        byType[type.rawValue].text(name, labels: "type=\"\(type.serviceName.lowercased())\"")
      }.joined()
  }

  private func family(_ name: String, _ help: String, _ histogram: Histogram) -> String {
    MetricFamily.histogram(name, help) + histogram.text(name, labels: "")
  }
}

extension MetricFamily {
  /// The head of a family of histograms.
  fileprivate static func histogram(_ name: String, _ help: String) -> String {
    "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
  }
}
