extension ServerConnection {
  ///     handshake ──▶ serving ──(old, or shut down)──▶ announced ──▶ going away ──▶ ending
  ///
  /// Every state may turn to `dead`: silence, garbage, a lost socket.
  enum Phase {
    /// The client has yet to show that it speaks HTTP/2.
    case handshake(until: ContinuousClock.Instant)
    case serving
    /// The client knows that a GOAWAY comes.
    case announced(goAway: ContinuousClock.Instant, end: ContinuousClock.Instant)
    case goingAway(end: ContinuousClock.Instant)
    /// No call is open any more; their ends are being sent.
    case ending
    case dead

    var isEnding: Bool {
      switch self {
      case .ending, .dead: true
      case .handshake, .serving, .announced, .goingAway: false
      }
    }
  }

  /// Ends the connection gracefully: no more calls are taken, and those still open after `grace` end
  /// with UNAVAILABLE, which clients take as a request to come again.
  package func shutDown(grace: Duration, at now: ContinuousClock.Instant) {
    switch phase {
    case .handshake: die()
    case .serving:
      session.announceShutdown()
      session.ping()
      phase = .announced(goAway: now + limits.shutdownNoticeTimeout, end: now + grace)
    case .announced(let goAway, let end):
      phase = .announced(goAway: goAway, end: min(end, now + grace))
    case .goingAway(let end): phase = .goingAway(end: min(end, now + grace))
    case .ending, .dead: return
    }
    tick(at: now)
  }

  /// Ends the connection gracefully because it is old, or one of too many: what calls have to say
  /// leaves first.
  package func retire(at now: ContinuousClock.Instant) {
    guard !isLeaving else { return }
    farewell = Status(.unavailable, "the connection has had its time; another one will do")
    shutDown(grace: limits.retirementGrace, at: now)
  }

  /// Whether the client was told to open no more calls, or soon need not be.
  package var isLeaving: Bool {
    switch phase {
    case .handshake, .serving: false
    case .announced, .goingAway, .ending, .dead: true
    }
  }

  /// When ``tick(at:)`` has something to do, at the latest.
  package var nextDeadline: ContinuousClock.Instant? {
    var deadlines = calls.values.compactMap(\.deadline)
    switch phase {
    case .handshake(let end): deadlines.append(end)
    case .serving: if let retiresAt { deadlines.append(retiresAt) }
    case .announced(let goAway, let end): deadlines.append(min(goAway, end))
    case .goingAway(let end): deadlines.append(end)
    case .ending: break
    case .dead: return nil
    }
    deadlines.append(keepalive.deadline)
    return deadlines.min()
  }

  package func tick(at now: ContinuousClock.Instant) {
    for call in openCalls {
      if let deadline = call.deadline, now >= deadline {
        fail(call, Status(.deadlineExceeded, "the call's time is up"))
      }
    }
    switch phase {
    case .handshake(let end): if now >= end { die() }
    case .serving:
      if let retiresAt, now >= retiresAt { retire(at: now) }
    case .announced(let goAway, let end):
      if now >= end {
        endCalls()
      } else if now >= goAway {
        announcementArrived()
      }
    case .goingAway(let end): if now >= end { endCalls() }
    case .ending, .dead: break
    }
    keepAlive(at: now)
  }

  /// The client has answered the ping that followed the announcement, or had its time: requests that
  /// were on their way are here.
  func announcementArrived() {
    guard case .announced(_, let end) = phase else { return }
    session.goAway()
    phase = .goingAway(end: end)
  }

  private func endCalls() {
    announcementArrived()
    phase = .ending
    for call in openCalls { fail(call, farewell) }
  }

  private func keepAlive(at now: ContinuousClock.Instant) {
    guard !isDead else { return }
    switch keepalive.action(at: now) {
    case .wait: break
    case .ping: session.ping()
    case .giveUp: die()
    }
  }
}
