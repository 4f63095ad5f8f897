internal import Diagnostics
internal import Incremental
internal import Transport

/// The graph's audit of itself, on the compile thread: a slice now and then, between what else there is
/// to do, round after round, with a pause between rounds.
final class SelfAudit {
  private let engine: Engine
  private let loop: EventLoop
  private let interval: Duration
  /// Told of what a slice found; all of it is set right already, and is to be published.
  private let onDifferences: ([Audit.Difference]) -> Void
  private let audit: Audit

  /// The first round begins after an interval.
  init(
    _ engine: Engine, _ loop: EventLoop, every interval: Duration,
    onDifferences: @escaping ([Audit.Difference]) -> Void
  ) {
    self.engine = engine
    self.loop = loop
    self.interval = interval
    self.onDifferences = onDifferences
    audit = Audit(engine.model.graph)
    takeSlice(at: loop.now + interval)
  }

  private func takeSlice(at instant: ContinuousClock.Instant) {
    _ = loop.at(instant) { [weak self] in self?.takeSlice() }
  }

  private func takeSlice() {
    let begin = ContinuousClock.now
    let slice = audit.slice { .now - begin < Limits.auditSlice }
    let cost = .now - begin
    engine.auditCounters.add(slice, cost)
    if !slice.differences.isEmpty { onDifferences(slice.differences) }
    takeSlice(at: .now + (slice.isEnd ? interval : SelfAudit.pause(after: cost)))
  }

  /// Leaves the thread to others for so long that the audit's share is what it may be.
  static func pause(after cost: Duration) -> Duration { cost * (Limits.auditShare - 1) }
}

extension Audit {
  /// What some steps came to.
  struct Slice {
    fileprivate(set) var values = 0
    fileprivate(set) var differences: [Difference] = []
    fileprivate(set) var isEnd = false
  }

  /// Takes steps for as long as there is time, one at least, and up to the end of a round.
  func slice(while hasTime: () -> Bool) -> Slice {
    var slice = Slice()
    repeat {
      switch step() {
      case .right: slice.values += 1
      case .different(let difference):
        slice.values += 1
        slice.differences.append(difference)
      case .end: slice.isEnd = true
      }
    } while !slice.isEnd && hasTime()
    return slice
  }
}

/// What audits have come to since the start, for metrics.
struct AuditCounters {
  private var rounds = 0
  private var values = 0
  private var differences = 0
  private var time = Duration.zero

  mutating func add(_ slice: Audit.Slice, _ cost: Duration) {
    rounds += slice.isEnd ? 1 : 0
    values += slice.values
    differences += slice.differences.count
    time += cost
  }

  var metrics: [MetricFamily] {
    [
      .counter("fairlead_audit_rounds_total", "Audits of all that is computed", rounds),
      .counter("fairlead_audit_values_total", "Values computed again and compared", values),
      .counter(
        "fairlead_audit_differences_total", "Values that were not as they should be, and are now",
        differences),
      .counter(
        "fairlead_audit_milliseconds_total", "Time that audits took", Int(time.inMilliseconds)),
    ]
  }
}

extension Audit.Difference {
  /// For the log: what was wrong, why that can be, and what follows from it. Keys may be whole proxies.
  var text: String {
    func short(_ text: String) -> String { text.onOneLine(atMost: Limits.auditedLabelLength) }
    func list(_ labels: [String]) -> String { labels.map(short).joined(separator: ", ") }
    var lines = [
      "self-audit: \(short(label)) was \(isWrong ? "wrong" : "right, but its dependencies were not") "
        + "and is set right; please report this, it is a bug of Fairlead's"
    ]
    if !undeclared.isEmpty { lines.append("It did not know of: \(list(undeclared))") }
    if !needless.isEmpty { lines.append("It should not know of: \(list(needless))") }
    if undeclared.isEmpty, needless.isEmpty {
      lines.append(
        "Its \(dependencyCount) dependencies are what they were: it reads something else")
    }
    if !path.isEmpty { lines.append("From it follow: \(path.map(short).joined(separator: " → "))") }
    return lines.joined(separator: "\n    ")
  }
}
