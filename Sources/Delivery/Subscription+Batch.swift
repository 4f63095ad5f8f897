/// What one response is about.
struct Batch {
  /// Changed or asked for, in name order.
  var resources: [Resource] = []
  /// Names that do not exist or no longer do.
  var removed: [String] = []
  /// Clusters, listeners, … with content that the client did not have.
  var fresh: [String] = []
  /// The oldest change in it.
  var push: Push?

  var names: [String] { resources.map(\.name) + removed }
}

extension Subscription {
  /// How much of what is due may go now.
  enum Scope {
    /// Only what the client asked for by name.
    case requested
    /// Also what changed.
    case changes
    /// Also removals.
    case removals
  }

  /// Takes what is due off the books, or nil if nothing is.
  mutating func takeBatch(
    _ scope: Scope, from catalog: Catalog, isWholeState: Bool
  ) -> Batch? {
    var due = owed
    var batch = Batch()
    switch scope {
    case .requested: break
    case .changes:
      if !changed.isEmpty { batch.push = pending }
      due.formUnion(changed)
    case .removals:
      if hasChanges { batch.push = pending }
      due.formUnion(changed)
      due.formUnion(removals)
    }
    if due.isEmpty, !owesAnswer {
      due = takeRetry()
      batch.push = rejectedPush
    }
    guard owesAnswer || !due.isEmpty else { return nil }
    let table = catalog[type]
    let isFirst = hasNothing && removals.isEmpty && retries.isEmpty && scope != .requested
    if isFirst {
      takeAll(table.ordered(due), from: catalog, into: &batch)
    } else {
      for name in table.ordered(due) { take(name, scope, from: catalog, into: &batch) }
    }
    guard owesAnswer || !batch.resources.isEmpty || !batch.removed.isEmpty else { return nil }
    owesAnswer = false
    if !hasChanges { pending = nil }
    releaseEmptySets()
    simplify()
    if isWholeState { batch.fresh += rejected.subtracting(batch.fresh) }
    return batch
  }

  /// An emptied set keeps its room, which for a client's first answer is that of all it has.
  private mutating func releaseEmptySets() {
    if owed.isEmpty { owed = [] }
    if changed.isEmpty { changed = [] }
    if removals.isEmpty { removals = [] }
  }

  private mutating func takeRetry() -> Set<String> {
    while !retries.isEmpty {
      let names = retries.removeFirst().filter(rejected.subtracting(removals).contains)
      if !names.isEmpty { return Set(names) }
    }
    return []
  }

  /// The same for a client that has nothing yet and is sent all it wants, with no books kept of each.
  private mutating func takeAll(
    _ due: [String], from catalog: Catalog, into batch: inout Batch
  ) {
    let table = catalog[type]
    batch.resources.reserveCapacity(due.count)
    for name in due {
      if let resource = table[name] {
        batch.resources.append(resource)
      } else if let placeholder = catalog.placeholder(for: name, of: type) {
        batch.resources.append(placeholder)
      } else {
        batch.removed.append(name)
      }
    }
    batch.fresh = batch.resources.map(\.name)
    (owed, changed) = ([], [])
    base = .table
    shareNames(table)
  }

  private mutating func take(
    _ name: String, _ scope: Scope, from catalog: Catalog, into batch: inout Batch
  ) {
    let table = catalog[type]
    if let resource = table[name], wants(name) {
      if !told(name, table).isSame(as: resource) || rejected.contains(name) {
        batch.fresh.append(resource.name)
      }
      tell(resource.name, .resource(resource), table)
      batch.resources.append(resource)
      owed.remove(name)
      changed.remove(name)
      return
    }
    if scope != .removals, removals.contains(name) {
      // Gone, but what the client holds may still need it: it is told what it was told before. If
      // that was on another stream, the answer waits with the removal.
      guard let kept = told(name, table).kept else { return }
      tell(kept.name, .resource(kept), table)
      if rejected.contains(name) { batch.fresh.append(name) }
      batch.resources.append(kept)
      owed.remove(name)
      return
    }
    let isNamed = names.contains(name)
    tell(name, isNamed ? .absent : .nothing, table)
    owed.remove(name)
    removals.remove(name)
    if isNamed, let placeholder = catalog.placeholder(for: name, of: type) {
      batch.resources.append(placeholder)
    } else {
      batch.removed.append(name)
    }
  }

  /// Everything the client subscribes to, what is gone but kept for it included: a state-of-the-
  /// world response of clusters or listeners is the whole state. Valid after a batch was taken.
  mutating func wholeState(from table: ResourceTable) -> (resources: [Resource], isAll: Bool) {
    let kept = removals.sorted().compactMap { told($0, table).kept }
    for kept in kept { tell(kept.name, .resource(kept), table) }
    if isWildcard { return (kept, true) }
    return (names.sorted().compactMap { table[$0] } + kept, false)
  }

  /// Notes that a response went out.
  mutating func didSend(
    _ response: DiscoveryResponse, _ batch: Batch, isWholeState: Bool, now: Duration,
    limits: DeliveryLimits
  ) {
    if flight != nil { unanswered += 1 }
    nonce = response.nonce
    flight = Flight(
      nonce: response.nonce, version: response.version, names: batch.names, removed: batch.removed,
      isFresh: !batch.fresh.isEmpty, isWholeState: isWholeState, push: batch.push, sentAt: now,
      patience: limits.patience / (1 << min(unanswered, 6)))
    record.sent = .init(version: response.version, nonce: response.nonce)
    record.responses += 1
    record.bytes += response.message.count
  }
}
