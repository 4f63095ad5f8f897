internal import Mesh
internal import Resources
internal import Store

/// What fetching keys may cost, and how often it is tried.
struct KeySetLimits: Sendable {
  /// Fetches under way at once; others wait for their turn.
  var atOnce = 16
  /// Bytes of one answer: keys stand in every connection manager that verifies tokens with them.
  var answerBytes = 256 << 10
  var redirects = 5
  /// How long one fetch may take, whatever the policies allow.
  var longestFetch = Duration.seconds(30)
  /// How long a policy's new rules wait for their first keys before they count without any.
  var patience = Duration.seconds(5)
  /// From one success to the next fetch.
  var refresh = Duration.seconds(20 * 60)
  /// From a first failure to the next fetch; twice as long after each further one, to the longest.
  var firstRetry = Duration.seconds(1)
  var longestRetry = Duration.seconds(60)
  /// How long keys count that cannot be fetched again.
  var lifetime = Duration.seconds(7 * 24 * 60 * 60)
}

/// Which key sets are fetched when, and what is known of each. Time is passed in.
///
///     wanted ──▶ due ──▶ under way ──▶ due again after a while
///        └─ awaited until the first answer, or until patience runs out
///
/// Not here, on purpose: sockets, and what a key set looks like.
struct KeySetSchedule {
  typealias Instant = ContinuousClock.Instant

  /// What is different of one location; nil where nobody asks any more.
  struct Change: Equatable {
    let location: KeySetLocation
    let keySet: KeySet?
  }

  private struct Entry {
    var request: KeySetRequest
    var due: Instant
    var isUnderWay = false
    /// Nil once it is known whether there are keys.
    var awaitedUntil: Instant?
    var failures = 0
    /// When the keys that there are stop to count; nil without any.
    var goodUntil: Instant?
  }

  private let limits: KeySetLimits
  private var entries: [KeySetLocation: Entry] = [:]

  init(_ limits: KeySetLimits) { self.limits = limits }

  /// Whether some rules still wait for their first keys.
  var isAwaiting: Bool { entries.values.contains { $0.awaitedUntil != nil } }

  /// When there is something to begin or to give up; nil for never.
  var next: Instant? {
    let canBegin = underWay < limits.atOnce
    return entries.values.compactMap { entry in
      [canBegin && !entry.isUnderWay ? entry.due : nil, entry.awaitedUntil].compactMap { $0 }.min()
    }.min()
  }

  private var underWay: Int { entries.values.count { $0.isUnderWay } }

  /// Takes what policies ask for now.
  mutating func want(_ requests: [KeySetRequest], at now: Instant) -> [Change] {
    let wanted = Set(requests.map(\.location))
    let gone = entries.keys.filter { !wanted.contains($0) }.sorted()
    for location in gone { entries[location] = nil }
    var fresh: [Change] = []
    for request in requests {
      guard entries[request.location] == nil else {
        entries[request.location]?.request = request
        continue
      }
      entries[request.location] = Entry(
        request: request, due: now, awaitedUntil: now + min(request.timeout, limits.patience))
      fresh.append(Change(location: request.location, keySet: .awaited))
    }
    return gone.map { Change(location: $0, keySet: nil) } + fresh
  }

  /// What is to be fetched now; each counts as under way until it is settled.
  mutating func begin(at now: Instant) -> [KeySetRequest] {
    let due = entries.values.filter { !$0.isUnderWay && $0.due <= now }
      .sorted { ($0.due, $0.request.location) < ($1.due, $1.request.location) }
      .prefix(limits.atOnce - underWay)
    for entry in due { entries[entry.request.location]?.isUnderWay = true }
    return due.map(\.request)
  }

  /// The rules that have waited long enough count without keys.
  mutating func giveUp(at now: Instant) -> [Change] {
    let late = entries.filter { $0.value.awaitedUntil.map { $0 <= now } ?? false }.keys.sorted()
    for location in late { entries[location]?.awaitedUntil = nil }
    return late.map { Change(location: $0, keySet: .unavailable) }
  }

  /// Keys came; nil where nobody asks for them any more.
  mutating func succeed(_ location: KeySetLocation, with keys: String, at now: Instant) -> Change? {
    guard var entry = entries[location] else { return nil }
    entry.isUnderWay = false
    entry.awaitedUntil = nil
    entry.failures = 0
    entry.due = now + limits.refresh
    entry.goodUntil = now + limits.lifetime
    entries[location] = entry
    return Change(location: location, keySet: .keys(keys))
  }

  /// No keys came. Those that there were go on counting for a while.
  mutating func fail(_ location: KeySetLocation, at now: Instant) -> Change? {
    guard var entry = entries[location] else { return nil }
    entry.isUnderWay = false
    entry.failures += 1
    entry.due = now + retry(after: entry.failures)
    defer { entries[location] = entry }
    if entry.awaitedUntil != nil {
      entry.awaitedUntil = nil
      return Change(location: location, keySet: .unavailable)
    }
    if let goodUntil = entry.goodUntil, goodUntil <= now {
      entry.goodUntil = nil
      return Change(location: location, keySet: .unavailable)
    }
    return nil
  }

  /// Whether keys of there are in use.
  func hasKeys(_ location: KeySetLocation) -> Bool { entries[location]?.goodUntil != nil }

  private func retry(after failures: Int) -> Duration {
    let doubled = limits.firstRetry * (1 << min(failures - 1, 16))
    return min(doubled, limits.longestRetry)
  }
}
