internal import Documents
internal import Ingest

/// How the Kubernetes API is followed, as it stood a moment ago.
struct ClusterStatus: Sendable {
  let server: String
  let kinds: [KindState]
  /// What the first snapshot waits for.
  let waitingFor: [String]

  /// For how long it has not been known that what is served is all there is: the oldest kind's; nil
  /// while every kind's changes are told as they happen.
  func age(now: ContinuousClock.Instant) -> Duration? {
    kinds.filter(\.isBehind).compactMap { kind in kind.currentUntil.map { now - $0 } }.max()
  }

  /// A line of /ready.
  func line(now: ContinuousClock.Instant) -> String {
    guard let age = age(now: now) else { return "\(server): up to date\n" }
    let behind = kinds.filter(\.isBehind)
    let reason = behind.lazy.compactMap(\.reason).first ?? ""
    return
      "\(server): as of \(age.components.seconds) s ago for \(behind.count) kinds: \(reason)\n"
  }

  func node(now: ContinuousClock.Instant) -> Node {
    Node(
      .mapping([
        .init(key: "server", value: .text(server)),
        .init(
          key: "kinds",
          value: Node(.mapping(kinds.map { .init(key: $0.name, value: $0.node(now: now)) }))),
      ]))
  }

  func metrics(now: ContinuousClock.Instant) -> [MetricFamily] {
    func family(_ name: String, _ kind: String, _ help: String, _ value: (KindState) -> Int?)
      -> MetricFamily
    {
      MetricFamily(
        name: name, kind: kind, help: help,
        samples: kinds.compactMap { state in
          value(state).map { ([("resource", state.name)], $0) }
        })
    }
    return [
      family("fairlead_kubernetes_objects", "gauge", "Objects known, by kind") { $0.objects },
      family(
        "fairlead_kubernetes_age_seconds", "gauge",
        "For how long changes have not been told, by kind"
      ) { state in
        state.isBehind ? state.currentUntil.map { Int((now - $0).components.seconds) } : 0
      },
      family("fairlead_kubernetes_forbidden", "gauge", "Whether the server refuses the kind") {
        if case .forbidden = $0.condition { 1 } else { 0 }
      },
      family(
        "fairlead_kubernetes_requests_total", "counter", "Lists and watches begun, by kind"
      ) { $0.requests },
    ]
  }
}

extension KindState {
  /// Whether changes may have happened that were not told.
  var isBehind: Bool {
    switch condition {
    case .current, .absent: false
    case .starting, .behind, .forbidden: true
    }
  }

  var reason: String? {
    switch condition {
    case .behind(let reason), .forbidden(let reason): reason
    case .starting, .current, .absent: nil
    }
  }

  fileprivate func node(now: ContinuousClock.Instant) -> Node {
    let word =
      switch condition {
      case .starting: "starting"
      case .current: "current"
      case .behind: "behind"
      case .forbidden: "forbidden"
      case .absent: "absent"
      }
    var entries: [Node.Entry] = [
      .init(key: "condition", value: .text(word)),
      .init(key: "objects", value: Node(.integer(Int64(objects)))),
    ]
    if isBehind, let currentUntil {
      let age = (now - currentUntil).components.seconds
      entries.append(.init(key: "ageSeconds", value: Node(.integer(age))))
    }
    if let reason { entries.append(.init(key: "reason", value: .text(reason))) }
    return Node(.mapping(entries))
  }
}
