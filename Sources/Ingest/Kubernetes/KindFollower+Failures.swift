extension KindFollower {
  /// Nothing usable came: asks again later from where it stands, or from the start if that has not helped.
  mutating func fail(
    _ reason: String, atLeast wait: Duration = .zero, _ now: Instant,
    _ random: inout some RandomNumberGenerator
  ) {
    if condition == .current { currentUntil = now }
    condition = .behind(reason: reason)
    phase = .waiting(until: now + backoff.wait(atLeast: wait, using: &random))
    if resumeFrom != nil, backoff.failures >= limits.failuresBeforeList { restart() }
    if resumeFrom == nil, backoff.failures >= limits.failuresBeforeList { listing = Listing() }
  }

  /// A list that came as a watch did not end well: the next is asked for in pages if that goes on.
  mutating func streamBroke(
    _ reason: String, atLeast wait: Duration = .zero, _ now: Instant,
    _ random: inout some RandomNumberGenerator
  ) {
    listing = Listing()
    fail(reason, atLeast: wait, now, &random)
    if backoff.failures >= 2 { streamsLists = false }
  }

  /// A list is due; what was told stays told until it is there.
  mutating func restart() {
    resumeFrom = nil
    listing = Listing()
  }

  mutating func refused(
    _ status: ServerStatus, _ purpose: Purpose, now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Change] {
    let wait = Duration.seconds(min(status.retryAfterSeconds ?? 0, limits.longestRetryAfterSeconds))
    switch status.code {
    case 400,
      422 where purpose == .stream:
      streamsLists = false
      restart()
      phase = .waiting(until: now)
    case 410:
      // A list whose next page has gone is asked for in one piece: pages that go each time would
      // never end.
      if purpose == .list, listing.next != nil { isPaged = false }
      restart()
      fail("what was known is too old to go on from", now, &random)
      // The first time at once.
      if backoff.failures == 1 { phase = .waiting(until: now) }
    case 401:
      doubtsCredentials = true
      fail("the server does not accept the credentials: \(status.message)", now, &random)
    case 403: forbidden(status.message, now, &random)
    case 404: return missing(status, now: now, using: &random)
    default:
      let reason = "the server answered \(status.code): \(status.message)"
      // What lies behind a server may lack what a list as a watch needs; one that is busy has it.
      let isBusy = status.code == 429 || status.code == 503
      if purpose == .stream, !isBusy {
        streamBroke(reason, atLeast: wait, now, &random)
      } else {
        fail(reason, atLeast: wait, now, &random)
      }
    }
    return []
  }

  /// We may not read it: in all namespaces, perhaps, but in the one that does; or not at all, or not yet.
  private mutating func forbidden(
    _ reason: String, _ now: Instant, _ random: inout some RandomNumberGenerator
  ) {
    refusals += 1
    guard refusals >= limits.refusalsBelieved else { return fail(reason, now, &random) }
    if condition == .current { currentUntil = now }
    restart()
    if namespace == nil, let sufficient = resource.sufficientNamespace {
      namespace = sufficient
      phase = .waiting(until: now)
      return
    }
    namespace = nil
    condition = .forbidden(reason: reason)
    phase = .waiting(until: now + backoff.wait(upTo: limits.forbiddenWait, using: &random))
  }

  /// The kind is not there in this version: perhaps in another, perhaps only for this moment.
  mutating func missing(
    _ status: ServerStatus, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Change] {
    absences += 1
    restart()
    guard absences >= resource.versions.count else {
      versionIndex = (versionIndex + 1) % resource.versions.count
      phase = .waiting(until: now)
      return []
    }
    versionIndex = 0
    // Objects that were there are not believed to be gone by one answer of one server.
    let isBelieved =
      known.isEmpty || definition == .missing
      || absences >= resource.versions.count + limits.absencesBelieved
    guard isBelieved else {
      fail("the server does not know the kind", now, &random)
      return []
    }
    let gone: [Change] = known.keys.sorted().map { .remove(origin: $0) }
    known = [:]
    condition = .absent
    currentUntil = now
    absences = 0
    let wait: Duration
    switch definition {
    case .unknown: wait = Backoff.jittered(limits.absentWait, using: &random)
    case .missing: wait = Backoff.jittered(limits.undefinedWait, using: &random)
    // Defined, and not served yet: that takes a server a moment.
    case .present: wait = backoff.wait(using: &random)
    }
    if definition != .present { backoff.succeeded() }
    phase = .waiting(until: now + wait)
    return gone
  }
}
