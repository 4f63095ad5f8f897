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

  func entries(now: ContinuousClock.Instant) -> [Node.Entry] {
    [
      .init(key: "server", value: .text(server)),
      .init(
        key: "kinds",
        value: Node(.mapping(kinds.map { .init(key: $0.name, value: $0.node(now: now)) }))),
    ]
  }
}

/// How every cluster of the mesh is followed: the own one, and the others by their names.
struct ClusterStatuses: Sendable {
  var own: ClusterStatus?
  var remote: [String: Remote] = [:]

  struct Remote: Sendable {
    let secret: String
    /// Nil before its thread has said anything.
    var status: ClusterStatus?
    /// All that it has was told once.
    var isComplete: Bool
  }

  private var sorted: [(name: String, remote: Remote)] {
    remote.sorted { $0.key < $1.key }.map { (name: $0.key, remote: $0.value) }
  }

  /// Lines of /ready once it is so.
  func lines(now: ContinuousClock.Instant) -> String {
    guard let own else { return "" }
    let others = sorted.map { name, remote in
      let line = remote.status?.line(now: now) ?? "nothing is known yet\n"
      return "cluster \(name): \(line)"
    }
    return own.line(now: now) + others.joined()
  }

  /// What the first snapshot waits for.
  var waitingFor: [String] {
    let own = own?.waitingFor ?? []
    return own
      + sorted.filter { !$0.remote.isComplete }.flatMap { name, remote in
        (remote.status?.waitingFor ?? ["not asked yet"]).map { "cluster \(name): \($0)" }
      }
  }

  /// Nil where no cluster is followed.
  func entries(now: ContinuousClock.Instant) -> [Node.Entry]? {
    guard let own else { return nil }
    guard !remote.isEmpty else { return own.entries(now: now) }
    let others = sorted.map { name, remote in
      Node.Entry(
        key: name,
        value: Node(
          .mapping(
            [
              .init(key: "secret", value: .text(remote.secret)),
              .init(key: "complete", value: Node(.bool(remote.isComplete))),
            ] + (remote.status?.entries(now: now) ?? []))))
    }
    return own.entries(now: now) + [.init(key: "remoteClusters", value: Node(.mapping(others)))]
  }

  /// `own` is what the own cluster is called.
  func metrics(own name: String, now: ContinuousClock.Instant) -> [MetricFamily] {
    let kinds =
      (own.map { [(name: name, status: $0)] } ?? [])
      + sorted.compactMap { name, remote in remote.status.map { (name: name, status: $0) } }
    func family(_ name: String, _ kind: String, _ help: String, _ value: (KindState) -> Int?)
      -> MetricFamily
    {
      MetricFamily(
        name: name, kind: kind, help: help,
        samples: kinds.flatMap { cluster, status in
          status.kinds.compactMap { state in
            value(state).map { ([("cluster", cluster), ("resource", state.name)], $0) }
          }
        })
    }
    return [
      family("fairlead_kubernetes_objects", "gauge", "Objects known, by kind") { $0.objects },
      family(
        "fairlead_kubernetes_read_objects", "gauge",
        "Objects read whole, of kinds that are listed by metadata"
      ) { $0.contents },
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
      MetricFamily(
        name: "fairlead_remote_clusters", kind: "gauge",
        help: "Other clusters of the mesh, by whether all they have was told once",
        samples: [true, false].map { isComplete in
          (
            [("synced", "\(isComplete)")], remote.values.count { $0.isComplete == isComplete }
          )
        }),
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
    if let contents { entries.append(.init(key: "read", value: Node(.integer(Int64(contents))))) }
    if isBehind, let currentUntil {
      let age = (now - currentUntil).components.seconds
      entries.append(.init(key: "ageSeconds", value: Node(.integer(age))))
    }
    if let reason { entries.append(.init(key: "reason", value: .text(reason))) }
    return Node(.mapping(entries))
  }
}
