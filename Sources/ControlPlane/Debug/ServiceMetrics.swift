internal import Delivery
internal import Transport

/// What the I/O threads have to say of their clients, summed over all of them.
struct ServiceMetrics {
  let threads: [State]

  typealias Samples = [(labels: [(String, String)], value: Int)]

  struct State: Sendable {
    let clients: Int
    let counters: DiscoveryService.Counters
    let transport: ServerCounters
    let admission: [Admission.Tally]
    let oldestWait: Duration
    let statuses: [StreamStatus]
    let lags: [Lag]
    let slowClients: Int
    let now: Duration

    init(_ service: DiscoveryService) {
      clients = service.calls.count
      counters = service.counters
      transport = service.transport()
      admission = service.admission.tallies
      oldestWait = service.admission.oldest.map { service.elapsed - $0 } ?? .zero
      statuses = service.calls.values.map(\.stream.status)
      lags = service.calls.values.compactMap(\.stream.lag)
      slowClients = service.slowClientCount
      now = service.elapsed
    }
  }

  var text: String { (lags + connections + admission + responses).map(\.text).joined() }

  private func sum(_ value: (State) -> Int) -> Int { threads.map(value).reduce(0, +) }

  private var lags: [MetricFamily] {
    let all = threads.flatMap(\.lags)
    let oldest = threads.compactMap { state in state.lags.map { state.now - $0.since }.max() }.max()
    return [
      MetricFamily(
        name: "fairlead_pending_pushes", kind: "gauge",
        help: "Clients to which a change was not sent, or that have not answered a response",
        samples: [
          ([("state", "unsent")], all.count { !$0.unsent.isEmpty }),
          ([("state", "unanswered")], all.count { !$0.unanswered.isEmpty }),
        ]),
      MetricFamily.gauge(
        "fairlead_pending_push_age_milliseconds", "How long the one furthest behind has been so",
        oldest.map { Int($0.inMilliseconds) } ?? 0),
      MetricFamily.gauge(
        "fairlead_slow_clients", "Clients that have been behind for 5 seconds", sum(\.slowClients)),
    ]
  }

  private var connections: [MetricFamily] {
    [
      MetricFamily.gauge("pilot_xds", "Clients connected", sum(\.clients)),
      MetricFamily(
        name: "fairlead_io_thread_clients", kind: "gauge",
        help: "Clients connected, by I/O thread",
        samples: threads.enumerated().map { ([("thread", "\($0)")], $1.clients) }),
      MetricFamily(
        name: "fairlead_connections_total", kind: "counter",
        help: "Connections of clients: taken in, refused, asked to come again for age or number",
        samples: [
          ([("what", "accepted")], sum(\.transport.accepted)),
          ([("what", "refused")], sum(\.transport.refused)),
          ([("what", "aged")], sum(\.transport.retired)),
          ([("what", "shed")], sum(\.transport.shed)),
        ]),
    ]
  }

  private var admission: [MetricFamily] {
    func byRank(_ value: (Admission.Tally) -> Int) -> Samples {
      Admission.Rank.allCases.map { rank in
        ([("rank", rank.name)], sum { value($0.admission[rank.rawValue]) })
      }
    }
    return [
      MetricFamily(
        name: "fairlead_admission_waiting", kind: "gauge",
        help: "Clients that came and wait to be served", samples: byRank(\.waiting)),
      MetricFamily(
        name: "fairlead_admission_admitted_total", kind: "counter",
        help: "Clients that were admitted", samples: byRank(\.admitted)),
      MetricFamily(
        name: "fairlead_admission_waited_milliseconds_total", kind: "counter",
        help: "What those who were admitted waited for it", samples: byRank(\.waitedMilliseconds)),
      MetricFamily.gauge(
        "fairlead_admission_oldest_milliseconds", "How long the one waits that has waited longest",
        Int((threads.map(\.oldestWait).max() ?? .zero).inMilliseconds)),
    ]
  }

  private var responses: [MetricFamily] {
    let ofTypes = threads.flatMap(\.statuses).flatMap(\.types)
    func byType(_ value: (ResourceType) -> Int) -> Samples {
      ResourceType.allCases.map { ([("type", $0.serviceName.lowercased())], value($0)) }
    }
    func total(_ value: (StreamStatus.TypeStatus) -> Int) -> Samples {
      byType { type in ofTypes.filter { $0.type == type }.map(value).reduce(0, +) }
    }
    return [
      MetricFamily(
        name: "pilot_xds_pushes", kind: "counter", help: "Responses sent, by type",
        samples: byType { type in sum { $0.counters.pushes[type] ?? 0 } }),
      MetricFamily(
        name: "fairlead_xds_sent_bytes_total", kind: "counter",
        help: "Bytes of responses, by type",
        samples: byType { type in sum { $0.counters.bytes[type] ?? 0 } }),
      MetricFamily(
        name: "pilot_total_xds_rejects", kind: "gauge",
        help: "Responses that connected clients have rejected", samples: total(\.record.rejections)),
      MetricFamily(
        name: "pilot_xds_expired_nonce", kind: "gauge",
        help: "Requests of connected clients with a nonce that was out of date",
        samples: total(\.record.staleNonces)),
    ]
  }
}
