/// Notices a client that has gone without a word: after some silence it pings, after more silence the
/// connection is dead.
struct Keepalive {
  private let idle: Duration
  private let timeout: Duration
  private var lastHeard: ContinuousClock.Instant
  private var pinged: ContinuousClock.Instant?

  init(_ limits: GRPCLimits, now: ContinuousClock.Instant) {
    idle = limits.keepaliveIdle
    timeout = limits.keepaliveTimeout
    lastHeard = now
  }

  enum Action { case wait, ping, giveUp }

  /// Any byte is a sign of life: the answer to a ping may be stuck behind data.
  mutating func heard(at now: ContinuousClock.Instant) {
    lastHeard = now
    pinged = nil
  }

  /// When ``action(at:)`` will answer something other than to wait.
  var deadline: ContinuousClock.Instant { pinged.map { $0 + timeout } ?? (lastHeard + idle) }

  mutating func action(at now: ContinuousClock.Instant) -> Action {
    guard now >= deadline else { return .wait }
    guard pinged == nil else { return .giveUp }
    pinged = now
    return .ping
  }
}

/// Counts pings of a client that come sooner than allowed (gRPC "too_many_pings"). Sending headers or
/// data forgives: clients probe the bandwidth with a ping after data.
struct PingStrikes {
  private let limits: GRPCLimits
  private var last: ContinuousClock.Instant?
  private var strikes = 0

  init(_ limits: GRPCLimits) { self.limits = limits }

  /// Whether this ping is one too many.
  mutating func ping(
    at now: ContinuousClock.Instant, hasCalls: Bool, hasSentSinceLast: Bool
  ) -> Bool {
    defer { last = now }
    guard !hasSentSinceLast else {
      strikes = 0
      return false
    }
    let interval = hasCalls ? limits.minPingInterval : limits.minPingIntervalWithoutCalls
    guard let last, now < last + interval else { return false }
    strikes += 1
    return strikes > limits.maxPingStrikes
  }
}
