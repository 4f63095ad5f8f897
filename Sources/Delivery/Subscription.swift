internal import Segments

/// What one client wants, has been sent and has said of it, for one resource type on one stream.
///
/// Both modes keep the same books; they differ in how a request is read and a response is written.
///
///     wanted ──▶ owed (asked for) ─┐
///     catalog ─▶ changed ──────────┼─▶ in flight ──ACK──▶ held
///              └▶ removals ────────┘        └─────NACK──▶ held, rejected
///
/// ``told(_:_:)`` says what was sent last, accepted or not: the same content is not sent twice unless
/// it is asked for. A removal waits in `removals` until nothing the client holds can still need it.
///
/// Not here, on purpose: encoding, what the other types are doing, and what resources mean.
struct Subscription {
  /// The one response that the client has not answered yet.
  struct Flight {
    let nonce: String
    let version: String
    /// The names it is about, with those it says are gone.
    let names: [String]
    let removed: [String]
    /// Whether it has content that the client did not have.
    let isFresh: Bool
    let isWholeState: Bool
    /// The oldest change in it.
    let push: Push?
    let sentAt: Duration
    let patience: Duration

    var deadline: Duration { sentAt + patience }
  }

  let type: ResourceType
  var isWildcard = false
  /// The names asked for one by one.
  var names: Set<String> = []
  /// The empty first request means "*" only as long as no name was ever given.
  var hasNamed = false
  /// Names that requests with a stale nonce left out, and whether one left out "*".
  var dropped: Set<String> = []
  var hasDroppedAll = false

  /// What the client was told, but for the exceptions.
  var base = Assumption.nothing
  var exceptions: [String: Told] = [:]
  /// What it says it has, until there is something to compare that with.
  var claim: Claim?
  /// A sum over what it was told of each of its names; nil until somebody asks.
  var toldDigest: ContentHash?
  var owed: Set<String> = []
  /// An answer is due even if it is empty.
  var owesAnswer = false
  /// All there is was asked for again.
  var owesAll = false
  var changed: Set<String> = []
  var removals: Set<String> = []
  /// The oldest push of those in `changed` and `removals`.
  var pending: Push?
  /// Names whose last content, or removal, the client did not accept.
  var rejected: Set<String> = []
  /// Parts of rejected responses, still to be sent by themselves.
  var retries: [[String]] = []
  /// The push that the last rejected response was of.
  var rejectedPush: Push?
  var flight: Flight?
  /// Responses in a row that the client let pass without an answer.
  var unanswered = 0
  /// The last nonce sent.
  var nonce: String?
  /// The place in the table's log up to which `changed` and `removals` are right.
  var place: Int?
  /// Everything is to be looked at again: what the client wants, or where it is from, is another.
  var reviewsAll = true
  var record = StreamStatus.Record()

  init(type: ResourceType) { self.type = type }

  func wants(_ name: String) -> Bool { isWildcard || names.contains(name) }

  /// Content that goes before what names it.
  var hasUnsent: Bool {
    owesAnswer || owesAll || !changed.isEmpty || !owed.isSubset(of: removals)
  }

  /// Whether the client has all the catalog has and has accepted it.
  var isSettled: Bool {
    flight == nil && claim == nil && !owesAnswer && !owesAll && changed.isEmpty && owed.isEmpty
      && removals.isEmpty && rejected.isEmpty
  }

  var hasChanges: Bool { !changed.isEmpty || !removals.isEmpty }

  var hasWork: Bool {
    hasUnsent || !removals.isEmpty || !owed.isEmpty || !retries.isEmpty
  }
}

// MARK: - What the client wants

extension Subscription {
  mutating func subscribe(to name: String, limits: DeliveryLimits) {
    if want(name, limits: limits) { owed.insert(name) }
  }

  /// False for a name too many.
  @discardableResult mutating func want(_ name: String, limits: DeliveryLimits) -> Bool {
    guard names.count < limits.names || names.contains(name) else {
      record.refusedNames += 1
      return false
    }
    if names.insert(name).inserted {
      toldDigest = nil
      if !isWildcard, case .table = base, exceptions[name] == nil { exceptions[name] = .nothing }
    }
    return true
  }

  mutating func unsubscribe(from name: String) {
    guard names.remove(name) != nil, !isWildcard else { return }
    forget(name)
  }

  mutating func startWildcard() {
    if case .table = base { base = .tableOf(names) }
    isWildcard = true
    owesAnswer = true
    reviewsAll = true
    toldDigest = nil
    // What is under way from an earlier subscription the client will take for part of this one.
    for name in flight?.names ?? [] where !names.contains(name) && exceptions[name] == nil {
      exceptions[name] = .version(Told.noVersion)
    }
  }

  mutating func endWildcard() {
    guard isWildcard else { return }
    isWildcard = false
    owesAll = false
    toldDigest = nil
    for name in exceptions.keys where !names.contains(name) { exceptions[name] = nil }
    removals.formIntersection(names)
    rejected.formIntersection(names)
    if rejected.isEmpty { record.rejected = nil }
    owed.formIntersection(names)
    changed.formIntersection(names)
  }

  private mutating func forget(_ name: String) {
    exceptions[name] = nil
    if case .tableOf(var covered) = base, covered.remove(name) != nil { base = .tableOf(covered) }
    toldDigest = nil
    owed.remove(name)
    changed.remove(name)
    removals.remove(name)
    if rejected.remove(name) != nil, rejected.isEmpty { record.rejected = nil }
  }
}

// MARK: - What the catalog has

extension Subscription {
  /// Learns what changed in the catalog since last time.
  mutating func catchUp(with catalog: Catalog) {
    let table = catalog[type]
    if owesAll {
      owesAll = false
      owesAnswer = true
      owed.formUnion(table.names)
    }
    if let claim, reviewsAll, place == nil {
      self.claim = nil
      review(claim, catalog)
    }
    guard place != table.sequence || reviewsAll else { return }
    if let place {
      let recent = table.changes(since: place)
      for change in recent where wants(change.name) {
        note(change)
        reconsider(change.name, in: catalog)
      }
      if pending == nil, hasChanges { pending = push(of: recent, from: place, in: table) }
    }
    place = table.sequence
    if reviewsAll { reviewAll(catalog) }
    if !hasChanges { pending = nil }
    simplify()
  }

  /// Writes down what the client has of a name that has changed since.
  private mutating func note(_ change: ResourceTable.Change) {
    switch (exceptions[change.name], change.before) {
    case (nil, let before):
      if case .nothing = base { return }
      if case .tableOf(let covered) = base, !covered.contains(change.name) { return }
      exceptions[change.name] =
        switch before {
        case .nothing:
          names.contains(change.name) && !owed.contains(change.name) ? .absent : .nothing
        case .version(let hash): .version(hash)
        case .removed(let resource): .resource(resource)
        }
    case (.version(let hash)?, .removed(let resource)),
      (.outdated(let hash, _)?, .removed(let resource)):
      exceptions[change.name] =
        hash == resource.body.hash ? .resource(resource) : .outdated(hash, last: resource)
    case (.some, _): break
    }
  }

  private mutating func reviewAll(_ catalog: Catalog) {
    let table = catalog[type]
    reviewsAll = false
    (changed, removals) = ([], [])
    if isWildcard, exceptions.isEmpty, case .nothing = base {
      changed = table.allNames
    } else if isWildcard {
      for name in table.names { reconsider(name, in: catalog) }
    }
    for name in names { reconsider(name, in: catalog) }
    for name in Array(exceptions.keys) { reconsider(name, in: catalog) }
  }

  /// The push of the first name that the client has to be told of.
  private func push(
    of recent: ArraySlice<ResourceTable.Change>, from place: Int, in table: ResourceTable
  ) -> Push? {
    let first = recent.firstIndex { changed.contains($0.name) || removals.contains($0.name) }
    return first.flatMap { table.push(changing: place + $0 - recent.startIndex) }
  }

  private mutating func reconsider(_ name: String, in catalog: Catalog) {
    let table = catalog[type]
    let told = told(name, table)
    if let resource = table[name] {
      removals.remove(name)
      if told.isSame(as: resource) {
        changed.remove(name)
      } else {
        changed.insert(name)
      }
      return
    }
    changed.remove(name)
    switch told {
    case .version(let version)
    where names.contains(name)
      && catalog.placeholder(for: name, of: type)?.body.hash == version:
      exceptions[name] = .absent
    case .resource, .version, .outdated: removals.insert(name)
    case .absent, .nothing: removals.remove(name)
    }
  }

  /// The client has never been told of anything.
  var hasNothing: Bool {
    if case .nothing = base { exceptions.isEmpty } else { false }
  }

  func heldCount(_ table: ResourceTable) -> Int {
    let isBased = if case .nothing = base { false } else { true }
    guard isBased else { return exceptions.count }
    return isWildcard ? table.count : names.count
  }
}

// MARK: - What the client says

extension Subscription {
  /// Takes an answer to the response of this nonce; a nonce that is not the last one is stale, and
  /// its answer says nothing of what was sent since.
  mutating func receive(answerTo nonce: String, rejection: Rejection?) {
    guard nonce == self.nonce else {
      record.staleNonces += 1
      return
    }
    guard let flight else { return }
    self.flight = nil
    unanswered = 0
    if let rejection {
      record.rejections += 1
      record.rejected = .init(version: flight.version, nonce: nonce, reason: rejection)
      didReject(flight)
      return
    }
    record.accepted = .init(version: flight.version, nonce: nonce)
    if flight.isWholeState { rejected = [] }
    settle(flight.names)
  }

  /// Notes that what the client has of these names is as it should be.
  mutating func settle(_ names: [String]) {
    rejected.subtract(names)
    if rejected.isEmpty { record.rejected = nil }
  }

  /// One bad resource makes a client refuse a response whole. The others get through in its halves,
  /// and theirs, until the bad one is alone: it waits for other content.
  private mutating func didReject(_ flight: Flight) {
    rejectedPush = flight.push
    rejected.formUnion(flight.names.filter(wants))
    if rejected.isEmpty, !flight.names.isEmpty { record.rejected = nil }
    guard !flight.isWholeState else { return }
    let names = Set(flight.names)
    retries = retries.map { $0.filter { !names.contains($0) } }.filter { !$0.isEmpty }
    guard flight.names.count > 1 else {
      // A client that refuses a removal alone cannot be helped.
      rejected.subtract(flight.removed)
      return
    }
    let middle = flight.names.count / 2
    retries += [Array(flight.names[..<middle]), Array(flight.names[middle...])]
  }
}
