internal import Documents

/// Which objects are read whole of the kinds that are listed by their metadata alone: those that
/// somebody refers to, anew whenever they are in another version.
///
///     referred to, and listed ──▶ due ──▶ asked for ──┬─ there: told ──(another version)──▶ due
///                                  ▲                  └─ refused, failed: later
///                                  └──────────────────────┘
///
/// An object that nobody refers to any more is dropped; what was told of one stays told until it was
/// read anew. Not here, on purpose: requests, clocks and randomness; they come in as arguments.
struct ContentDesk {
  typealias Instant = ContinuousClock.Instant

  /// What came of asking for an object.
  enum Outcome {
    case read(version: String)
    /// It is gone, or the server does not let us read it: not waited for.
    case refused(reason: String)
    case failed(reason: String, atLeast: Duration)
  }

  private struct Entry {
    let object: ContentName
    /// As listed.
    var version: String
    /// What was read last, nil for nothing.
    var read: String?
    var phase: Phase
    var backoff = Backoff()
    /// Why it could not be read the last time.
    var problem: String?
    var isRefused = false
  }

  private enum Phase {
    /// Nothing is to be done.
    case idle
    case due(Instant)
    /// For the version that was known then.
    case asked(String)
  }

  private var entries: [ContentName: Entry] = [:]
  /// Those of which something is to be done, and those that are waited for: few of many.
  private var restless: Set<ContentName> = []
  private var awaited: Set<ContentName> = []
  private var wanted: Set<ContentName> = []
  /// Wanted by what they say of themselves.
  private var pinned: Set<ContentName> = []
  private let limits: FollowerLimits
  /// Requests at once.
  private let limit: Int

  init(limits: FollowerLimits, atOnce limit: Int) {
    self.limits = limits
    self.limit = limit
  }

  /// Whether everything that is wanted has been read, or is known not to be had.
  var isSettled: Bool { awaited.isEmpty }

  /// How many objects of a kind were read.
  func count(of kind: String) -> Int {
    entries.values.count { $0.object.plural == kind && $0.read != nil }
  }

  /// Why some could not be read, in order.
  var problems: [(object: ContentName, reason: String, isRefused: Bool)] {
    entries.values.compactMap { entry in
      entry.problem.map { (object: entry.object, reason: $0, isRefused: entry.isRefused) }
    }.sorted { $0.object < $1.object }
  }

  /// What is waited for, and why.
  var waitingFor: [String] {
    awaited.sorted().map { "\($0): \(entries[$0]?.problem ?? "not read yet")" }
  }

  private mutating func put(_ entry: Entry) {
    entries[entry.object] = entry
    if case .idle = entry.phase {
      restless.remove(entry.object)
    } else {
      restless.insert(entry.object)
    }
    if entry.read == nil, !entry.isRefused {
      awaited.insert(entry.object)
    } else {
      awaited.remove(entry.object)
    }
  }

  private mutating func drop(_ object: ContentName) {
    entries[object] = nil
    restless.remove(object)
    awaited.remove(object)
  }

  /// An object is listed, or listed in another version. Answers whether it is read whole.
  mutating func listed(
    _ object: ContentName, version: String, isPinned: Bool, now: Instant
  ) -> Bool {
    if isPinned { pinned.insert(object) } else { pinned.remove(object) }
    guard isPinned || wants(object) else {
      drop(object)
      return false
    }
    take(object, version, now)
    return true
  }

  mutating func gone(_ object: ContentName) {
    drop(object)
    pinned.remove(object)
  }

  private mutating func take(_ object: ContentName, _ version: String, _ now: Instant) {
    var entry =
      entries[object] ?? Entry(object: object, version: version, read: nil, phase: .due(now))
    entry.version = version
    switch entry.phase {
    // Asked again when the answer is there, if that is of another version.
    case .asked: break
    case .idle, .due:
      if entry.read != version || version.isEmpty { entry.phase = .due(now) }
    }
    put(entry)
  }

  private func wants(_ object: ContentName) -> Bool {
    wanted.contains(object) || wanted.contains(object.anywhere)
  }

  /// What is referred to from now on, of all that are listed with their versions. Answers which objects
  /// are dropped.
  mutating func want(
    _ objects: Set<ContentName>, of listed: [(object: ContentName, version: String)], now: Instant
  ) -> [ContentName] {
    wanted = objects
    let dropped = entries.keys.filter { !wants($0) && !pinned.contains($0) }
    for object in dropped { drop(object) }
    for (object, version) in listed where entries[object] == nil && wants(object) {
      take(object, version, now)
    }
    return dropped.sorted()
  }

  /// All is to be told again: someone did not keep what it was told.
  mutating func tellAgain(now: Instant) {
    for var entry in entries.values {
      (entry.read, entry.phase) = (nil, .due(now))
      put(entry)
    }
  }

  // MARK: Asking

  /// When to ask next; nil where nothing is to be asked for, or enough is.
  var deadline: Instant? {
    var asked = 0
    var soonest: Instant?
    for object in restless {
      switch entries[object]?.phase {
      case .idle?, nil: break
      case .due(let instant)?: soonest = soonest.map { min($0, instant) } ?? instant
      case .asked?: asked += 1
      }
    }
    return asked < limit ? soonest : nil
  }

  /// Those to ask for now; they are taken as asked for.
  mutating func begin(now: Instant) -> [ContentName] {
    var asked = 0
    var due: [ContentName] = []
    for object in restless {
      switch entries[object]?.phase {
      case .due(let instant)? where instant <= now: due.append(object)
      case .asked?: asked += 1
      case .idle?, .due?, nil: break
      }
    }
    let begun = due.sorted().prefix(max(0, limit - asked))
    for object in begun {
      guard var entry = entries[object] else { continue }
      entry.phase = .asked(entry.version)
      put(entry)
    }
    return Array(begun)
  }

  /// Whether what was read is to be told; what nobody wants any more, or nobody asked for, is not.
  mutating func take(
    _ outcome: Outcome, of object: ContentName, now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> Bool {
    guard var entry = entries[object], case .asked(let version) = entry.phase else { return false }
    defer { put(entry) }
    switch outcome {
    case .read(let read):
      entry.backoff.succeeded()
      (entry.read, entry.problem, entry.isRefused) = (read, nil, false)
      // One that changed while it was asked for may have been read before or after that.
      entry.phase = entry.version == read || entry.version == version ? .idle : .due(now)
      return true
    case .refused(let reason):
      (entry.problem, entry.isRefused) = (reason, true)
      entry.phase = .due(now + entry.backoff.wait(upTo: limits.forbiddenWait, using: &random))
    case .failed(let reason, let wait):
      entry.problem = reason
      entry.phase = .due(now + entry.backoff.wait(atLeast: wait, using: &random))
    }
    return false
  }
}

/// An object of a kind that is listed by metadata; without a namespace, the objects of that name in all.
package struct ContentName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// As it stands in URLs: `secrets`.
  package let plural: String
  package let namespace: String
  package let name: String

  package init(plural: String, namespace: String, name: String) {
    self.plural = plural
    self.namespace = namespace
    self.name = name
  }

  var anywhere: ContentName { ContentName(plural: plural, namespace: "", name: name) }

  init?(_ root: Node, plural: String) {
    guard let metadata = root["metadata"], let name = metadata["name"]?.text else { return nil }
    self.init(plural: plural, namespace: metadata["namespace"]?.text ?? "", name: name)
  }

  /// As the object is called when it is told: `secrets/shop/tls`.
  init?(origin: String, plural: String) {
    let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == plural else { return nil }
    self.init(plural: plural, namespace: String(parts[1]), name: String(parts[2]))
  }

  package var description: String { "\(plural)/\(namespace)/\(name)" }

  package static func < (a: Self, b: Self) -> Bool {
    (a.plural, a.namespace, a.name) < (b.plural, b.namespace, b.name)
  }
}
