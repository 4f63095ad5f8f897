internal import Documents

/// Which replica may write: the one that holds a Lease, by the rules of client-go's `leaderelection`.
///
///     ┌─ not held: read every retry period ──▶ free, or unchanged for its whole time ──▶ replace it
///     └─ held: renew every retry period; not renewed for the renew deadline ──▶ not held
///
/// Times are this machine's own, from what it saw itself: what the Lease says in wall-clock time is for
/// people. A holder counts from before its last renewal was sent, everyone else from after they saw it;
/// what the holder began before its deadline has ended when another's time can begin.
///
/// Not here, on purpose: sockets, clocks, randomness; they come in as arguments.
struct Election {
  typealias Instant = ContinuousClock.Instant

  /// client-go's own.
  struct Times {
    var lease = Duration.seconds(15)
    var renewDeadline = Duration.seconds(10)
    var retry = Duration.seconds(2)
    /// Until a request is cut off: one that hangs leaves time for another.
    var request = Duration.seconds(4)
    /// The longest from a refusal to read or write the Lease to the next try.
    var forbidden = Duration.seconds(30)
  }

  enum Request {
    case read
    case create(Node)
    case replace(Node)
  }

  private enum Purpose {
    case read, acquire, renew
  }

  let namespace: String
  let name: String
  /// Nobody else's: a process that follows another under the same pod's name is not the same.
  let identity: String
  private let times: Times
  private var record: LeaseRecord?
  private var seenAt: Instant?
  private var acquired: String?
  private var due: Instant
  private var asked: (purpose: Purpose, at: Instant)?
  /// The record is known to be out of date, or not known.
  private var mustRead = true
  private(set) var heldUntil: Instant?
  /// What stands in the way of holding or reading it.
  private(set) var problem: String?
  private(set) var doubtsCredentials = false
  /// A server that has just started refuses everybody everything for a moment.
  private var refusals = Backoff()

  init(
    namespace: String, name: String, identity: String, times: Times = Times(), now: Instant
  ) {
    self.namespace = namespace
    self.name = name
    self.identity = identity
    self.times = times
    due = now
  }

  /// Whether what begins now may be written.
  func isHeld(at now: Instant) -> Bool { heldUntil.map { now < $0 } ?? false }

  /// Who holds it as far as is known; nil for nobody.
  var holder: String? { record?.holder }
  var transitions: Int { record?.transitions ?? 0 }

  /// When there is something to ask, or to stop; nil while an answer is awaited that nothing depends on.
  var deadline: Instant? {
    let next = asked == nil ? due : nil
    guard let heldUntil else { return next }
    return next.map { min($0, heldUntil) } ?? heldUntil
  }

  /// Stops what has not been renewed in time.
  mutating func expire(at now: Instant) {
    if let heldUntil, heldUntil <= now { self.heldUntil = nil }
  }

  // MARK: Asking

  /// What to ask now; nil for nothing. `wallTime` is what the Lease tells people.
  mutating func request(at now: Instant, wallTime: String) -> Request? {
    expire(at: now)
    guard asked == nil, due <= now else { return nil }
    guard !mustRead, let record else {
      asked = (.read, now)
      return .read
    }
    if isHeld(at: now) {
      asked = (.renew, now)
      return .replace(
        record.replaced(with: term(transitions: record.transitions, wallTime: wallTime)))
    }
    asked = (.acquire, now)
    let changes = record.holder == identity ? 0 : 1
    if changes > 0 { acquired = wallTime }
    return .replace(
      record.replaced(with: term(transitions: record.transitions + changes, wallTime: wallTime)))
  }

  /// The Lease that is not there is made.
  private mutating func creation(at now: Instant, wallTime: String) -> Request {
    asked = (.acquire, now)
    acquired = wallTime
    return .create(
      LeaseRecord.first(
        namespace: namespace, name: name, term(transitions: 0, wallTime: wallTime)))
  }

  private func term(transitions: Int, wallTime: String) -> LeaseRecord.Term {
    LeaseRecord.Term(
      holder: identity, duration: times.lease, transitions: transitions,
      acquired: acquired, renewed: wallTime)
  }

  /// The Lease for others to take, if this one holds it; it does no more from here on.
  mutating func release(at now: Instant, wallTime: String) -> Request? {
    defer { (heldUntil, asked, mustRead) = (nil, nil, true) }
    guard isHeld(at: now), let record else { return nil }
    return .replace(
      record.replaced(
        with: LeaseRecord.Term(
          holder: "", duration: .seconds(1), transitions: record.transitions, acquired: wallTime,
          renewed: wallTime)))
  }

  // MARK: Answers

  /// Takes what the server answered; a further request where one follows at once.
  mutating func take(
    _ answer: Answer, at now: Instant, wallTime: String,
    using random: inout some RandomNumberGenerator
  ) -> Request? {
    guard let (purpose, sentAt) = asked else { return nil }
    asked = nil
    doubtsCredentials = false
    expire(at: now)
    due = now + times.retry * Double.random(in: 1...1.2, using: &random)
    switch answer {
    case .lease(let record):
      problem = nil
      mustRead = false
      refusals.succeeded()
      see(record, at: now)
      switch purpose {
      case .read: return readOn(at: now, wallTime: wallTime)
      case .acquire, .renew:
        // The answer tells of a write; what counts is when it was sent.
        let isOurs = record.holder == identity
        heldUntil = isOurs ? sentAt + times.renewDeadline : nil
        mustRead = !isOurs
        expire(at: now)
        return nil
      }
    case .refused(let status):
      mustRead = true
      return refused(status, purpose, at: now, wallTime: wallTime, using: &random)
    case .failed(let reason):
      // A write whose answer is lost may have been done.
      mustRead = true
      problem = reason
      return nil
    }
  }

  enum Answer {
    case lease(LeaseRecord)
    case refused(ServerStatus)
    case failed(String)
  }

  /// A change of the record is a sign of life of its holder.
  private mutating func see(_ record: LeaseRecord, at now: Instant) {
    if self.record != record { seenAt = now }
    self.record = record
    // Someone else has it: at once, and not at the deadline.
    if record.holder != identity { heldUntil = nil }
  }

  private mutating func readOn(at now: Instant, wallTime: String) -> Request? {
    guard let record, let seenAt else { return nil }
    let isFree =
      record.holder == nil || record.holder == identity
      || seenAt + max(record.duration, times.lease) <= now
    guard isFree else {
      mustRead = true
      return nil
    }
    due = now
    return request(at: now, wallTime: wallTime)
  }

  private mutating func refused(
    _ status: ServerStatus, _ purpose: Purpose, at now: Instant, wallTime: String,
    using random: inout some RandomNumberGenerator
  ) -> Request? {
    switch (status.code, purpose) {
    case (404, .read):
      record = nil
      heldUntil = nil
      return creation(at: now, wallTime: wallTime)
    case (409, .renew):
      // Someone else wrote it: until it was read who has it, nobody here does.
      heldUntil = nil
      due = now
      return request(at: now, wallTime: wallTime)
    case (404, _), (409, _): problem = nil
    case (401, _):
      doubtsCredentials = true
      problem = "the server does not accept the credentials"
    case (403, _):
      problem = status.message
      due = now + refusals.wait(upTo: times.forbidden, using: &random)
    default:
      problem = "the server answered \(status.code): \(status.message)"
      due = max(due, now + .seconds(min(max(status.retryAfterSeconds ?? 0, 0), 60)))
    }
    return nil
  }
}
