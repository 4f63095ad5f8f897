internal import Documents
internal import HTTPClient

/// Follows all objects of one kind: lists them in pages at one version, then watches from there, and
/// decides what to do about everything that API servers do to clients.
///
///     list ──pages──▶ told at once, as a whole ──▶ watch ──┬─ bookmark, event: the version moves on
///      ▲                                             ▲     ├─ closed, cut, silent: from the version
///      │                                             └─────┤
///      └──────────────────── 410, or no progress ──────────┘
///
/// One request is open at a time. What was told stays told until a whole list, or the kind's absence,
/// says otherwise. Not here, on purpose: sockets, clocks and randomness; they come in as arguments.
struct KindFollower {
  typealias Instant = ContinuousClock.Instant

  enum Happening {
    case answered(HTTPHead)
    case body([UInt8])
    /// Nil: the answer is whole.
    case ended(HTTPError?)
  }

  enum Change {
    case put(origin: String, root: Node)
    case remove(origin: String)
  }

  /// What a request is for.
  private enum Purpose {
    case list
    case watch
  }

  /// The pages of a list so far.
  private struct Listing {
    var found: [String: ListedObject] = [:]
    var next: String?
  }

  private enum Phase {
    case waiting(until: Instant)
    case asking(Purpose)
    /// The answer's body is coming in: a page of a list, a watch, or why there is neither.
    case receivingPage
    case watching
    case refused(HTTPHead, Purpose)
  }

  let resource: APIResource
  private let revision: String
  private let limits: FollowerLimits
  private var phase: Phase
  /// Of a page, or of an answer that refuses.
  private var body: [UInt8] = []
  private var lines: LineBuffer
  private var backoff = Backoff()
  /// Which of the resource's versions the server is asked for.
  private var versionIndex = 0
  private var absences = 0
  /// Nil for all.
  private var namespace: String?
  private var listing = Listing()
  /// A list that broke off between pages is asked for in one piece.
  private var isPaged = true
  /// Where to watch from; nil when a list is due.
  private var resumeFrom: String?
  /// The version of each object that was told.
  private var known: [String: String] = [:]
  private(set) var condition = KindState.Condition.starting
  private var currentUntil: Instant?
  private var requests = 0
  private var watchBegan: Instant?
  private var hasProgressed = false
  /// The server did not accept who we are; whoever owns the credentials looks at them again.
  private(set) var doubtsCredentials = false

  init(_ resource: APIResource, revision: String, limits: FollowerLimits, now: Instant) {
    self.resource = resource
    self.revision = revision
    self.limits = limits
    phase = .waiting(until: now)
    lines = LineBuffer(limit: limits.lineBytes)
  }

  private var version: String { resource.versions[versionIndex] }

  /// Whether there is something to say about the kind: its objects, or why they are not to be had.
  var isSettled: Bool {
    switch condition {
    case .starting: false
    case .current, .forbidden, .absent: true
    case .behind: currentUntil != nil
    }
  }

  func state(now: Instant) -> KindState {
    KindState(
      name: resource.name, condition: condition, objects: known.count,
      currentUntil: condition == .current ? now : currentUntil, requests: requests)
  }

  // MARK: Requests

  /// When to ask next; nil while a request is open.
  var deadline: Instant? {
    if case .waiting(let instant) = phase { instant } else { nil }
  }

  /// The path and query to ask for, if it is time; the request is then taken as begun.
  mutating func request(
    now: Instant, using random: inout some RandomNumberGenerator
  ) -> FollowerRequest? {
    guard case .waiting(let instant) = phase, instant <= now else { return nil }
    requests += 1
    doubtsCredentials = false
    var query: [(String, String)] = resource.fieldSelector.map { [("fieldSelector", $0)] } ?? []
    if let resumeFrom {
      phase = .asking(.watch)
      watchBegan = now
      hasProgressed = false
      let patience = Int.random(in: limits.watchSeconds, using: &random)
      query += [
        ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resumeFrom),
        ("timeoutSeconds", "\(patience)"),
      ]
      return FollowerRequest(
        path: resource.path(version: version, namespace: namespace), query: query, isStream: true)
    }
    phase = .asking(.list)
    if isPaged {
      query.append(("limit", "\(limits.pageSize)"))
      if let next = listing.next { query.append(("continue", next)) }
    }
    return FollowerRequest(
      path: resource.path(version: version, namespace: namespace), query: query, isStream: false)
  }

  /// The kind may have come to be: asks again at once if it was absent.
  mutating func lookAgain(now: Instant) {
    if condition == .absent, case .waiting = phase { phase = .waiting(until: now) }
  }

  /// Forgets what was told, but not that it was: all of it is listed and told again, and what is gone
  /// by then is told to be. An open request is of no more use.
  mutating func tellAgain(now: Instant) {
    known = known.mapValues { _ in "" }
    restart()
    body = []
    phase = .waiting(until: now)
  }

  // MARK: Answers

  /// What follows from something that happened to the open request. `isOver` tells that its answer is
  /// of no more use: the request is to be given up.
  mutating func take(
    _ happening: Happening, now: Instant, reader: JSONReader,
    using random: inout some RandomNumberGenerator
  ) -> (changes: [Change], isOver: Bool) {
    switch (happening, phase) {
    case (.answered(let head), .asking(let purpose)):
      phase = begun(head, purpose, now: now)
      return ([], false)
    case (.body(let bytes), .receivingPage):
      body += bytes
      return ([], false)
    case (.body(let bytes), .refused):
      body += bytes.prefix(max(0, FollowerLimits.statusBytes - body.count))
      return ([], false)
    case (.body(let bytes), .watching):
      guard let lines = lines.lines(adding: bytes) else {
        fail("a watch sent a line of more than \(limits.lineBytes) bytes", now, &random)
        return ([], true)
      }
      return watched(lines, now: now, reader: reader, using: &random)
    case (.ended(let error?), .watching) where error.reason == .silent:
      // The server may have nothing to say, or be gone: asking again tells.
      currentUntil = now
      condition = .behind(reason: "\(error)")
      phase = .waiting(until: now)
      return ([], true)
    case (.ended(let error?), _):
      fail("\(error)", now, &random)
      return ([], true)
    case (.ended(nil), .receivingPage):
      defer { body = [] }
      return (listed(body, now: now, reader: reader, using: &random), true)
    case (.ended(nil), .watching):
      watchClosed(now, &random)
      return ([], true)
    case (.ended(nil), .refused(let head, let purpose)):
      let status = FollowerLimits.status(head, body, reader: reader)
      return (refused(status, purpose, now: now, using: &random), true)
    case (.ended(nil), .asking), (.answered, _), (.body, _), (.ended(nil), .waiting):
      fail("the answer makes no sense", now, &random)
      return ([], true)
    }
  }

  private mutating func begun(_ head: HTTPHead, _ purpose: Purpose, now: Instant) -> Phase {
    body = []
    guard head.status == 200 else { return .refused(head, purpose) }
    absences = 0
    switch purpose {
    case .list: return .receivingPage
    case .watch:
      condition = .current
      currentUntil = now
      lines = LineBuffer(limit: limits.lineBytes)
      return .watching
    }
  }

  // MARK: Lists

  private mutating func listed(
    _ bytes: [UInt8], now: Instant, reader: JSONReader,
    using random: inout some RandomNumberGenerator
  ) -> [Change] {
    guard let page = reader.tree(of: bytes, named: resource.name).root.flatMap(ListPage.init) else {
      fail("the list is not one", now, &random)
      return []
    }
    for item in page.items {
      guard let object = ListedObject(item, of: resource, version: version),
        !resource.isRevisioned || object.isIn(revision: revision)
      else { continue }
      listing.found[object.origin] = object
    }
    guard listing.found.count <= limits.objects else {
      fail("there are more than \(limits.objects) objects", now, &random)
      listing = Listing()
      return []
    }
    backoff.succeeded()
    phase = .waiting(until: now)
    listing.next = page.next
    if page.next != nil { return [] }
    resumeFrom = page.resourceVersion
    defer { listing = Listing() }
    isPaged = true
    currentUntil = now
    condition = .current
    return replace(with: listing.found)
  }

  /// What is different between what was told and what there is.
  private mutating func replace(with found: [String: ListedObject]) -> [Change] {
    var changes: [Change] = known.keys.filter { found[$0] == nil }.sorted().map {
      .remove(origin: $0)
    }
    for object in found.values.sorted(by: { $0.origin < $1.origin })
    where known[object.origin] != object.resourceVersion || object.resourceVersion.isEmpty {
      changes.append(.put(origin: object.origin, root: object.root))
    }
    known = found.mapValues(\.resourceVersion)
    return changes
  }

  // MARK: Watches

  private mutating func watched(
    _ lines: [[UInt8]], now: Instant, reader: JSONReader,
    using random: inout some RandomNumberGenerator
  ) -> (changes: [Change], isOver: Bool) {
    var changes: [Change] = []
    for line in lines {
      guard let event = reader.tree(of: line, named: resource.name).root.flatMap(WatchEvent.init)
      else {
        fail("the watch sent what is no event", now, &random)
        return (changes, true)
      }
      switch event {
      case .put(let node): changes += take(node, isDeleted: false)
      case .deleted(let node): changes += take(node, isDeleted: true)
      case .bookmark(let version, _): advance(to: version)
      case .failed(let status):
        return (changes + refused(status, .watch, now: now, using: &random), true)
      }
    }
    currentUntil = now
    return (changes, false)
  }

  private mutating func take(_ node: Node, isDeleted: Bool) -> [Change] {
    guard let object = ListedObject(node, of: resource, version: version),
      !isPast(object.resourceVersion)
    else { return [] }
    advance(to: object.resourceVersion)
    // An object that went to another revision is gone from this one.
    guard !isDeleted, !resource.isRevisioned || object.isIn(revision: revision) else {
      return known.removeValue(forKey: object.origin) == nil ? [] : [.remove(origin: object.origin)]
    }
    guard known.count < limits.objects || known[object.origin] != nil else { return [] }
    known[object.origin] = object.resourceVersion
    return [.put(origin: object.origin, root: object.root)]
  }

  private mutating func advance(to version: String) {
    guard !version.isEmpty, !isPast(version) else { return }
    resumeFrom = version
    hasProgressed = true
    backoff.succeeded()
  }

  /// Whether a version is one that was told already: versions of one kind are numbers that rise.
  private func isPast(_ version: String) -> Bool {
    guard let told = resumeFrom.flatMap(UInt64.init), let number = UInt64(version) else {
      return false
    }
    return number <= told
  }

  /// Servers end watches every few minutes; one that ends them at once is kept from being asked at once.
  private mutating func watchClosed(
    _ now: Instant, _ random: inout some RandomNumberGenerator
  ) {
    let lasted = watchBegan.map { now - $0 } ?? .zero
    guard hasProgressed || lasted > limits.shortWatch else {
      fail("the server ends watches as soon as they begin", now, &random)
      return
    }
    currentUntil = now
    phase = .waiting(until: now)
  }

  // MARK: What goes wrong

  /// Nothing usable came: asks again later from where it stands, or from the start if that has not helped.
  private mutating func fail(
    _ reason: String, atLeast wait: Duration = .zero, _ now: Instant,
    _ random: inout some RandomNumberGenerator
  ) {
    if condition == .current { currentUntil = now }
    condition = .behind(reason: reason)
    phase = .waiting(until: now + backoff.wait(atLeast: wait, using: &random))
    if resumeFrom != nil, backoff.failures >= limits.failuresBeforeList { restart() }
    if resumeFrom == nil, backoff.failures >= limits.failuresBeforeList { listing = Listing() }
  }

  /// A list is due; what was told stays told until it is there.
  private mutating func restart() {
    resumeFrom = nil
    listing = Listing()
  }

  private mutating func refused(
    _ status: ServerStatus, _ purpose: Purpose, now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Change] {
    let wait = Duration.seconds(min(status.retryAfterSeconds ?? 0, limits.longestRetryAfterSeconds))
    switch status.code {
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
    case 403:
      if condition == .current { currentUntil = now }
      restart()
      if namespace == nil, let sufficient = resource.sufficientNamespace {
        namespace = sufficient
        phase = .waiting(until: now)
        break
      }
      namespace = nil
      condition = .forbidden(reason: status.message)
      phase = .waiting(
        until: now + Backoff.jittered(limits.forbiddenWait, upTo: 1.5, using: &random))
    case 404: return missing(status, now: now, using: &random)
    default:
      fail(
        "the server answered \(status.code): \(status.message)", atLeast: wait, now, &random)
    }
    return []
  }

  /// The kind is not there in this version: perhaps in another, perhaps only for this moment.
  private mutating func missing(
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
    guard known.isEmpty || absences >= resource.versions.count + limits.absencesBelieved else {
      fail("the server does not know the kind", now, &random)
      return []
    }
    let gone: [Change] = known.keys.sorted().map { .remove(origin: $0) }
    known = [:]
    condition = .absent
    currentUntil = now
    absences = 0
    backoff.succeeded()
    phase = .waiting(until: now + Backoff.jittered(limits.absentWait, using: &random))
    return gone
  }
}

/// What to ask the server for.
struct FollowerRequest {
  let path: String
  let query: [(name: String, value: String)]
  /// A watch has no end of its own.
  let isStream: Bool

  init(path: String, query: [(String, String)], isStream: Bool) {
    self.path = path
    self.query = query
    self.isStream = isStream
  }
}
