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
/// Where the server can, a list is a watch that begins with all there is, and goes on as one.
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
  enum Purpose {
    case list
    /// A watch that begins with all there is.
    case stream
    case watch
  }

  /// An object of a list; nil where it was told already.
  struct Found {
    let resourceVersion: String
    let root: Node?
  }

  /// The pages of a list so far.
  struct Listing {
    var found: [String: Found] = [:]
    var next: String?
  }

  enum Phase {
    case waiting(until: Instant)
    case asking(Purpose)
    /// The answer's body is coming in: a page of a list, a watch, or why there is neither.
    case receivingPage
    case streaming
    case watching
    case refused(HTTPHead, Purpose)
  }

  let resource: APIResource
  let revision: String
  let limits: FollowerLimits
  var phase: Phase
  /// Of a page, or of an answer that refuses.
  var body: [UInt8] = []
  var lines: LineBuffer
  var backoff = Backoff()
  /// Which of the resource's versions the server is asked for.
  var versionIndex = 0
  var absences = 0
  /// Answers in a row that we may not read it.
  var refusals = 0
  var definition = KindDefinition.unknown
  /// Nil for all.
  var namespace: String?
  var listing = Listing()
  /// Whether the server can tell all there is as a watch; those that cannot refuse, or never end.
  var streamsLists: Bool
  /// A list that broke off between pages is asked for in one piece.
  var isPaged = true
  /// Where to watch from; nil when a list is due.
  var resumeFrom: String?
  /// The version of each object that was told.
  var known: [String: String] = [:]
  var condition = KindState.Condition.starting
  var currentUntil: Instant?
  var requests = 0
  var watchBegan: Instant?
  var hasProgressed = false
  /// The server did not accept who we are; whoever owns the credentials looks at them again.
  var doubtsCredentials = false

  init(
    _ resource: APIResource, revision: String, limits: FollowerLimits, streamsLists: Bool = false,
    now: Instant
  ) {
    self.streamsLists = streamsLists
    self.resource = resource
    self.revision = revision
    self.limits = limits
    phase = .waiting(until: now)
    lines = LineBuffer(limit: limits.lineBytes)
  }

  var version: String { resource.versions[versionIndex] }

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
      query += begin(.watch, now: now, using: &random)
      query.append(("resourceVersion", resumeFrom))
      return FollowerRequest(path: path, query: query, isStream: true)
    }
    if streamsLists {
      query += begin(.stream, now: now, using: &random)
      query += [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
      return FollowerRequest(path: path, query: query, isStream: true)
    }
    phase = .asking(.list)
    if isPaged {
      query.append(("limit", "\(limits.pageSize)"))
      if let next = listing.next { query.append(("continue", next)) }
    }
    return FollowerRequest(path: path, query: query, isStream: false)
  }

  private var path: String { resource.path(version: version, namespace: namespace) }

  private mutating func begin(
    _ purpose: Purpose, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [(String, String)] {
    phase = .asking(purpose)
    watchBegan = now
    hasProgressed = false
    let patience = Int.random(in: limits.watchSeconds, using: &random)
    return [
      ("watch", "true"), ("allowWatchBookmarks", "true"), ("timeoutSeconds", "\(patience)"),
    ]
  }

  /// What the server says of the kind's definition; `isNews` where it has just come or changed. A kind
  /// that is waited for is asked for at once then. One whose definition went is asked for, too: that it
  /// is not there any more is its own answer. Answers whether an open request is of no more use.
  mutating func define(_ standing: KindDefinition, isNews: Bool, now: Instant) -> Bool {
    defer { definition = standing }
    if standing == .missing, definition == .present, !known.isEmpty || condition == .current {
      restart()
      phase = .waiting(until: now)
      return true
    }
    guard standing == .present, isNews || definition != .present, condition == .absent,
      case .waiting = phase
    else { return false }
    absences = 0
    backoff.succeeded()
    phase = .waiting(until: now)
    return false
  }

  /// Forgets what was told, but not that it was: all of it is listed and told again, and what is gone
  /// by then is told to be. An open request is of no more use.
  mutating func tellAgain(now: Instant) {
    known = known.mapValues { _ in "" }
    restart()
    body = []
    phase = .waiting(until: now)
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
