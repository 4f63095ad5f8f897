internal import Documents

/// What writing statuses may cost, and how often it is tried.
package struct StatusLimits: Sendable {
  /// Writes under way at once; others wait for their turn.
  package var atOnce = 4
  /// Writes a second in the long run, and how many may come together.
  package var perSecond = 20
  package var burst = 40
  /// Until a write is cut off: what is under way when the lease runs out has ended before another's
  /// lease can begin.
  package var writeTime = Duration.seconds(4)
  /// From a first refusal of an object's status to the next try; twice as long after each further one.
  package var firstRetry = Duration.seconds(1)
  package var longestRetry = Duration.seconds(600)
  /// The longest from a refusal of a whole kind to the next try.
  package var forbiddenWait = Duration.seconds(60)
  package var longestRetryAfterSeconds = 120
  /// Bytes of the object that answers a write.
  package var answerBytes = 8 << 20

  package init() {}
}

/// Which statuses are to be written, and which of the writes may begin now. Time is passed in.
///
///     reported, and different ──▶ ready ──(a turn, a token)──▶ under way ──▶ said
///                                  ▲  ▲                           │
///                                  │  └── later: refused, undone ─┤
///                                  └───── the server is away ─────┘
///
/// One object is written by one request at a time, and the newest of what was wanted of it is what is
/// written. A server that is away is asked by one request at a time, later and later.
///
/// Not here, on purpose: sockets, clocks, who may write at all, and what statuses mean.
struct StatusQueue {
  typealias Instant = ContinuousClock.Instant

  /// A write that may begin.
  struct Write {
    let target: StatusTarget
    let path: String
    let body: [UInt8]
  }

  /// How a write ended.
  enum Outcome {
    /// The object as it is now, as far as the answer could be read.
    case written(SeenStatus?)
    case refused(ServerStatus)
    /// No answer came.
    case failed(String)
  }

  /// Writes by how they ended, and what stands in the way, for pages.
  struct Counts: Hashable, Sendable {
    var done = 0
    var failed = 0
    var undone = 0
  }

  private struct Entry {
    var seen: SeenStatus
    var wanted: WantedStatus
    /// What the write under way says.
    var underWay: WantedStatus?
    /// What was written last, while nobody wants something else.
    var lastWritten: WantedStatus?
    var isWaiting = false
    var failures = 0
    /// How often others wrote something else over it.
    var undone = 0
  }

  /// A kind that may not be written, perhaps only for this moment: one of it tries, ever more rarely.
  private struct HeldKind {
    var until: Instant
    var reason: String
    var tries: StatusTarget
    /// They wait for what the one is answered.
    var others: Set<StatusTarget> = []
    var backoff = Backoff()
  }

  private let limits: StatusLimits
  private var entries: [StatusTarget: Entry] = [:]
  /// Those whose turn it is, and their line, in which others may stand that left.
  private var isReady: Set<StatusTarget> = []
  private var line: [StatusTarget] = []
  private var head = 0
  private var isInLine: Set<StatusTarget> = []
  /// Those whose turn comes later.
  private var later: [StatusTarget: Instant] = [:]
  private var underWay: Set<StatusTarget> = []
  private var heldKinds: [String: HeldKind] = [:]
  private var server = Backoff()
  private var serverUntil: Instant?
  private(set) var serverProblem: String?
  private var tokens: Double
  private var tokensAt: Instant?
  private(set) var counts = Counts()
  /// The server did not accept who we are; whoever owns the credentials looks at them again.
  private(set) var doubtsCredentials = false

  init(_ limits: StatusLimits) {
    self.limits = limits
    tokens = Double(limits.burst)
  }

  /// Objects whose status is not as it should be.
  var pending: Int { isReady.count + later.count + underWay.count }

  /// The kinds that may not be written, and why.
  var forbidden: [(resource: String, reason: String)] {
    heldKinds.map { ($0.key, $0.value.reason) }.sorted { $0.resource < $1.resource }
  }

  // MARK: What is wanted

  /// Takes how an object is and should be; nil: it is gone, or its status is nobody's business here.
  mutating func take(_ report: StatusReport?, of target: StatusTarget, at now: Instant) {
    guard let report else {
      entries[target] = nil
      later[target] = nil
      isReady.remove(target)
      return
    }
    var entry =
      entries[target] ?? Entry(seen: report.seen, wanted: report.wanted)
    let isOther = entry.wanted != report.wanted
    // What was told before a write of ours was answered says nothing about what came after.
    let isOlder = report.seen.isBefore(entry.seen)
    let hasMoved = !isOlder && entry.seen.resourceVersion != report.seen.resourceVersion
    if !isOlder { entry.seen = report.seen }
    entry.wanted = report.wanted
    if isOther {
      (entry.lastWritten, entry.undone) = (nil, 0)
      (entry.failures, entry.isWaiting) = (0, false)
      later[target] = nil
    } else if hasMoved, entry.isWaiting, entry.undone == 0, entry.failures <= 3 {
      // What stood in the way may be over.
      entry.isWaiting = false
      later[target] = nil
    }
    entries[target] = entry
    schedule(target, at: now)
  }

  /// Puts the object where it belongs, by what is known of it.
  private mutating func schedule(_ target: StatusTarget, at now: Instant) {
    guard var entry = entries[target], !underWay.contains(target) else { return }
    guard !entry.wanted.isSaid(by: entry.seen) else {
      later[target] = nil
      isReady.remove(target)
      entry.isWaiting = false
      // Others' writing over it is noticed by those who remember what they wrote.
      entries[target] = entry.lastWritten == nil ? nil : entry
      return
    }
    guard !entry.isWaiting else { return }
    if entry.lastWritten == entry.wanted {
      // It was said, and is said no more: someone else writes the same fields. Whoever insists makes
      // the two of them write for ever.
      entry.lastWritten = nil
      entry.undone += 1
      counts.undone += 1
      entries[target] = entry
      if entry.undone > 1 { return postpone(target, by: retry(after: entry.undone - 1), from: now) }
    }
    isReady.insert(target)
    if isInLine.insert(target).inserted { line.append(target) }
    closeUp()
  }

  /// Who left the line does not make it grow: a replica that never writes has one, too.
  private mutating func closeUp() {
    guard line.count > 2 * isReady.count + StatusQueue.emptyPlaces else { return }
    line = line[head...].filter(isReady.contains)
    isInLine = isReady
    head = 0
  }

  static let emptyPlaces = 1024
  /// Places in the line, left ones too.
  var lineLength: Int { line.count }

  private mutating func postpone(_ target: StatusTarget, by wait: Duration, from now: Instant) {
    entries[target]?.isWaiting = true
    later[target] = now + wait
    isReady.remove(target)
  }

  private func retry(after failures: Int) -> Duration {
    min(limits.firstRetry * (1 << min(max(failures, 1) - 1, 16)), limits.longestRetry)
  }

  // MARK: Turns

  /// When something may begin; nil for not before something happens.
  func next(at now: Instant) -> Instant? {
    guard underWay.count < atOnce else { return nil }
    let turn: Instant? =
      isReady.isEmpty
      ? later.values.min()
      : (tokensAt ?? now) + .seconds(max(0, 1 - tokens) / Double(limits.perSecond))
    return turn.map { max($0, serverUntil ?? $0) }
  }

  /// A server that is away is not asked by many.
  private var atOnce: Int { server.failures == 0 ? limits.atOnce : 1 }

  /// What is to be written now; each counts as under way until it is settled or given up.
  mutating func begin(at now: Instant) -> [Write] {
    refill(at: now)
    if let serverUntil, now < serverUntil { return [] }
    for target in later.filter({ $0.value <= now }).keys.sorted() {
      later[target] = nil
      entries[target]?.isWaiting = false
      schedule(target, at: now)
    }
    var writes: [Write] = []
    while underWay.count < atOnce, tokens >= 1, let target = takeReady() {
      guard let entry = entries[target] else { continue }
      if var held = heldKinds[target.resource] {
        let mayTry = held.until <= now
        if mayTry {
          (held.until, held.tries) = (now + limits.forbiddenWait, target)
        } else {
          held.others.insert(target)
          later[target] = held.until
          entries[target]?.isWaiting = true
        }
        heldKinds[target.resource] = held
        guard mayTry else { continue }
      }
      tokens -= 1
      underWay.insert(target)
      entries[target]?.underWay = entry.wanted
      writes.append(
        Write(
          target: target, path: target.path(apiVersion: entry.seen.apiVersion),
          body: entry.wanted.applied(to: target, seen: entry.seen).jsonBytes()))
    }
    return writes
  }

  private mutating func takeReady() -> StatusTarget? {
    while head < line.count {
      let target = line[head]
      head += 1
      isInLine.remove(target)
      if isReady.remove(target) != nil { return target }
    }
    line = []
    head = 0
    return nil
  }

  private mutating func refill(at now: Instant) {
    let since = tokensAt.map { now - $0 } ?? .zero
    tokens = min(Double(limits.burst), tokens + since / .seconds(1) * Double(limits.perSecond))
    tokensAt = now
  }

  /// What was under way is cut off, and nobody knows whether it was written.
  mutating func giveUp(at now: Instant) {
    let cutOff = underWay.sorted()
    underWay = []
    for target in cutOff {
      entries[target]?.underWay = nil
      schedule(target, at: now)
    }
  }

  // MARK: Answers

  mutating func settle(
    _ target: StatusTarget, _ outcome: Outcome, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard underWay.remove(target) != nil else { return }
    doubtsCredentials = false
    let said = entries[target]?.underWay
    entries[target]?.underWay = nil
    switch outcome {
    case .written(let seen):
      counts.done += 1
      serverAnswered()
      releaseKind(target.resource, at: now)
      written(target, said, seen)
    case .refused(let status):
      counts.failed += 1
      refused(target, status, at: now, using: &random)
    case .failed(let reason):
      counts.failed += 1
      serverFailed(reason, at: now, using: &random)
    }
    schedule(target, at: now)
  }

  private mutating func releaseKind(_ resource: String, at now: Instant) {
    guard let held = heldKinds.removeValue(forKey: resource) else { return }
    for target in held.others where later[target] != nil { later[target] = now }
  }

  private mutating func written(
    _ target: StatusTarget, _ said: WantedStatus?, _ seen: SeenStatus?
  ) {
    guard var entry = entries[target] else { return }
    if let seen, !seen.isBefore(entry.seen) { entry.seen = seen }
    entry.failures = 0
    entry.lastWritten = said == entry.wanted ? said : nil
    entries[target] = entry
  }

  private mutating func refused(
    _ target: StatusTarget, _ status: ServerStatus, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    switch status.code {
    case 401:
      doubtsCredentials = true
      serverFailed("the server does not accept the credentials", at: now, using: &random)
    case 403:
      serverAnswered()
      var held = heldKinds[target.resource] ?? HeldKind(until: now, reason: "", tries: target)
      // Others of the kind that were under way with it say nothing more.
      guard held.tries == target else { return }
      held.reason = status.message
      held.until = now + held.backoff.wait(upTo: limits.forbiddenWait, using: &random)
      heldKinds[target.resource] = held
    case 429, 500...:
      let wait = min(status.retryAfterSeconds ?? 0, limits.longestRetryAfterSeconds)
      serverFailed(
        "the server answered \(status.code): \(status.message)", atLeast: .seconds(wait), at: now,
        using: &random)
    default:
      // 409: the object is another by now, and will be told. 404: it is gone, and will be. Others: the
      // server does not take what is wanted, and may take it of another state of the object.
      serverAnswered()
      releaseKind(target.resource, at: now)
      guard var entry = entries[target] else { return }
      entry.failures += status.code == 409 ? 1 : 4
      entries[target] = entry
      let wait = Backoff.jittered(retry(after: entry.failures), using: &random)
      postpone(target, by: wait, from: now)
    }
  }

  private mutating func serverAnswered() {
    server.succeeded()
    (serverUntil, serverProblem) = (nil, nil)
  }

  private mutating func serverFailed(
    _ reason: String, atLeast wait: Duration = .zero, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    serverProblem = reason
    serverUntil = now + server.wait(atLeast: wait, using: &random)
  }
}
