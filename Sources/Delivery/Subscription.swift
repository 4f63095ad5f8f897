/// What one client wants, has been sent and has said of it, for one resource type on one stream.
///
/// Both modes keep the same books; they differ in how a request is read and a response is written.
///
///     wanted ──▶ owed (asked for) ─┐
///     catalog ─▶ changed ──────────┼─▶ in flight ──ACK──▶ held
///              └▶ removals ────────┘        └─────NACK──▶ held, rejected
///
/// `held` says what was sent last, accepted or not: the same content is not sent twice unless it is
/// asked for. A removal waits in `removals` until nothing the client holds can still need it.
///
/// Not here, on purpose: encoding, what the other types are doing, and what resources mean.
struct Subscription {
  /// What the client was last told of a name.
  enum Held {
    case resource(Resource)
    /// Kept from an earlier stream; all that is known is the version.
    case version(String)
    /// That it does not exist.
    case absent

    func isSame(as resource: Resource) -> Bool {
      switch self {
      case .resource(let old): old === resource || old.body == resource.body
      case .version(let version): version == resource.version
      case .absent: false
      }
    }
  }

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

  var held: [String: Held] = [:]
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
  var record = StreamStatus.Record()

  init(type: ResourceType) { self.type = type }

  func wants(_ name: String) -> Bool { isWildcard || names.contains(name) }

  /// Content that goes before what names it.
  var hasUnsent: Bool {
    owesAnswer || owesAll || !changed.isEmpty || !owed.isSubset(of: removals)
  }

  /// Whether the client has all the catalog has and has accepted it.
  var isSettled: Bool {
    flight == nil && !owesAnswer && !owesAll && changed.isEmpty && owed.isEmpty
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
    guard names.contains(name) || names.count < limits.names else {
      record.refusedNames += 1
      return
    }
    names.insert(name)
    owed.insert(name)
  }

  mutating func unsubscribe(from name: String) {
    guard names.remove(name) != nil, !isWildcard else { return }
    forget(name)
  }

  mutating func startWildcard() {
    isWildcard = true
    owesAnswer = true
    place = nil
    // What is under way from an earlier subscription the client will take for part of this one.
    for name in flight?.names ?? [] where held[name] == nil { held[name] = .version("") }
  }

  mutating func endWildcard() {
    guard isWildcard else { return }
    isWildcard = false
    owesAll = false
    for name in held.keys where !names.contains(name) { forget(name) }
    owed.formIntersection(names)
    changed.formIntersection(names)
  }

  private mutating func forget(_ name: String) {
    held[name] = nil
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
    guard place != table.sequence else { return }
    if let place, let recent = table.changes(since: place) {
      for name in recent where wants(name) { reconsider(name, in: catalog) }
      if pending == nil, hasChanges { pending = push(of: recent, from: place, in: table) }
    } else {
      (changed, removals) = ([], [])
      if isWildcard { for name in table.names { reconsider(name, in: catalog) } }
      for name in names { reconsider(name, in: catalog) }
      for name in Array(held.keys) { reconsider(name, in: catalog) }
      // To a client that is told all there is, nothing is a change.
      if pending == nil, hasChanges, place != nil { pending = table.lastPush }
    }
    if !hasChanges { pending = nil }
    place = table.sequence
  }

  /// The push of the first name that the client has to be told of.
  private func push(
    of recent: ArraySlice<String>, from place: Int, in table: ResourceTable
  ) -> Push? {
    let first = recent.firstIndex { changed.contains($0) || removals.contains($0) }
    return first.flatMap { table.push(changing: place + $0 - recent.startIndex) }
  }

  private mutating func reconsider(_ name: String, in catalog: Catalog) {
    if let resource = catalog[type][name] {
      removals.remove(name)
      if held[name]?.isSame(as: resource) == true {
        changed.remove(name)
      } else {
        changed.insert(name)
      }
      return
    }
    changed.remove(name)
    switch held[name] {
    case .version(let version)
    where names.contains(name) && catalog.placeholder(for: name, of: type)?.version == version:
      held[name] = .absent
    case .resource, .version: removals.insert(name)
    case .absent, nil: removals.remove(name)
    }
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
