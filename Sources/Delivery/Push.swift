/// A change of the mesh on its way to clients: one run of the compiler.
///
/// Times are counted from wherever those who make updates and those who serve them agree to.
package struct Push: Hashable, Sendable {
  /// Rises with each run.
  package let number: UInt64
  /// When the change was read.
  package let changedAt: Duration
  /// When all that follows from it was compiled.
  package let compiledAt: Duration

  static func newer(_ a: Push?, _ b: Push?) -> Push? {
    (a?.number ?? 0) > (b?.number ?? 0) ? a : b
  }

  package init(number: UInt64, changedAt: Duration, compiledAt: Duration) {
    self.number = number
    self.changedAt = changedAt
    self.compiledAt = compiledAt
  }
}

/// Which pushes changed the resources of a table, by the place in its log: so that a reader learns what
/// the oldest change is that it has not seen.
struct PushTrail {
  private var marks: [(end: Int, push: Push)] = []
  /// Further back than this, a push passes for the oldest that is remembered.
  private static let limit = 256

  /// The newest.
  var last: Push? { marks.last?.push }

  /// All that was logged since the last call, up to `end`, comes from this push.
  mutating func append(_ push: Push, upTo end: Int) {
    if marks.count == PushTrail.limit { marks.removeFirst(PushTrail.limit / 2) }
    marks.append((end, push))
  }

  /// The push that the change at a place in the log comes from.
  func push(changing place: Int) -> Push? {
    var (low, high) = (0, marks.count)
    while low < high {
      let middle = (low + high) / 2
      if marks[middle].end <= place { low = middle + 1 } else { high = middle }
    }
    return low < marks.count ? marks[low].push : nil
  }
}

/// What a client says of a response, the newest of its type.
package struct Verdict: Sendable {
  package let type: ResourceType
  /// The oldest change that was in the response; nil if it only answered what the client asked for.
  package let push: Push?
  package let sentAt: Duration
  /// Nil if it was accepted.
  package let rejection: Rejection?
}

/// How far a client is behind its catalog.
package struct Lag: Hashable, Sendable {
  /// Since when: the oldest change that was not sent or not answered, or the oldest answer to what
  /// the client asked for.
  package var since: Duration
  /// The number of that change's push; nil if it is none.
  package var push: UInt64?
  /// Types with changes that were not sent.
  package var unsent: Set<ResourceType> = []
  /// Types whose last response was not answered.
  package var unanswered: Set<ResourceType> = []
}

extension Lag? {
  /// Takes in one more thing that the client lacks.
  mutating func delay(since time: Duration, _ push: UInt64?) {
    var lag = self ?? Lag(since: time, push: push)
    if time < lag.since { (lag.since, lag.push) = (time, push) }
    self = lag
  }
}

extension Subscription {
  /// Whether the client was sent all there is and has answered.
  func isSettled(in catalog: Catalog) -> Bool {
    flight == nil && pending == nil && place == catalog[type].sequence
  }

  /// The oldest change that the client wants and was not sent, also while nobody asks for a response.
  func unsentPush(in catalog: Catalog) -> Push? {
    if let pending { return pending }
    let table = catalog[type]
    guard let place, place != table.sequence else { return nil }
    let recent = table.changes(since: place)
    let first = recent.firstIndex { wants($0.name) }
    return first.flatMap { table.push(changing: place + $0 - recent.startIndex) }
  }
}
