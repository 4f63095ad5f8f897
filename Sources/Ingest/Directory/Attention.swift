/// Decides from what happens to files which of them to look at, and when, so that one thing a user does
/// is one update.
///
/// A file is looked at when its writer closes it or it is moved into place, at once. What may be the
/// middle of something is looked at after a time of quiet: a file that went away, because editors move
/// the old one aside before they write the new one; a link that leads elsewhere, because the kubelet
/// swaps one and then adds and takes away others; files in a directory that was not followed yet,
/// because their writer may not be done. While a file is being written, only its close makes it looked
/// at. Looking once too often does no harm: what is the same is not told.
struct Attention {
  typealias Instant = ContinuousClock.Instant

  enum FileEvent {
    case created
    case modified
    /// Closed by one who had it open for writing.
    case written
    case attributesChanged
    case movedIn
    /// Renamed to a path that is followed too.
    case renamed
    /// Deleted, or moved to where nothing is followed.
    case vanished

    /// Whether the name stands for another file than before.
    var isOfName: Bool {
      switch self {
      case .created, .movedIn, .renamed, .vanished: true
      case .modified, .written, .attributesChanged: false
      }
    }
  }

  struct Due {
    /// What just happened: that a file is missing may be the middle of something.
    var fresh: Set<String> = []
    /// It has been quiet since: what is seen is meant.
    var settled: Set<String> = []
  }

  /// How long it must be quiet, and how long a stream of vanishing files is waited for at most.
  static let quiet = Duration.milliseconds(100)
  static let longestRemoval = Duration.seconds(1)

  private var due = Due()
  private var later: [String: Instant] = [:]
  private var beingWritten: Set<String> = []
  private var vanished: Set<String> = []
  private var firstVanished: Instant?
  private var lastVanished: Instant?
  private var treeDeadline: Instant?
  private var lastTree: Instant?

  mutating func note(_ event: FileEvent, at path: String, now: Instant) {
    switch event {
    case .created:
      look(at: path, afterQuietFrom: now)
    case .modified:
      beingWritten.insert(path)
      later[path] = nil
    case .written, .movedIn:
      done(path)
      due.fresh.insert(path)
    case .renamed:
      done(path)
      due.settled.insert(path)
    case .attributesChanged:
      if !beingWritten.contains(path) && later[path] == nil { due.fresh.insert(path) }
    case .vanished:
      done(path)
      vanish(path, now: now)
    }
  }

  /// Looks at the path once its writer has had time to finish.
  mutating func look(at path: String, afterQuietFrom now: Instant) {
    later[path] = now + Attention.quiet
  }

  /// The path is not there: believed after a time in which no other vanishes, so that a directory that
  /// is being deleted is seen to be gone before its files are.
  mutating func vanish(_ path: String, now: Instant) {
    vanished.insert(path)
    firstVanished = firstVanished ?? now
    lastVanished = now
  }

  /// Walks the tree then, or before.
  mutating func lookAtTree(at instant: Instant) {
    treeDeadline = min(treeDeadline ?? instant, instant)
  }

  /// Walks the tree now, or some time after the last walk: many directories may come at once.
  mutating func lookAtTree(soonestAt now: Instant) {
    lookAtTree(at: max(now, lastTree.map { $0 + Attention.quiet } ?? now))
  }

  /// Whether to walk the tree now; answered once.
  mutating func isTreeDue(at now: Instant) -> Bool {
    guard let deadline = treeDeadline, deadline <= now else { return false }
    treeDeadline = nil
    lastTree = now
    return true
  }

  /// The paths to look at; each is answered once. What would be due soon goes along with what is due
  /// after quiet, so that what belongs together is told together.
  mutating func due(at now: Instant) -> Due {
    defer { due = Due() }
    guard let first = settling, first <= now else { return due }
    let horizon = now + Attention.quiet / 2
    for (path, deadline) in later where deadline <= horizon {
      later[path] = nil
      if !beingWritten.contains(path) { due.settled.insert(path) }
    }
    if let removal = removalDeadline, removal <= horizon {
      due.settled.formUnion(vanished.subtracting(beingWritten))
      vanished = []
      firstVanished = nil
      lastVanished = nil
    }
    return due
  }

  /// When there is something to look at next, if nothing happens.
  var deadline: Instant? { [settling, treeDeadline].compactMap { $0 }.min() }

  private var settling: Instant? {
    [later.values.min(), removalDeadline].compactMap { $0 }.min()
  }

  private var removalDeadline: Instant? {
    guard let firstVanished, let lastVanished else { return nil }
    return min(lastVanished + Attention.quiet, firstVanished + Attention.longestRemoval)
  }

  private mutating func done(_ path: String) {
    beingWritten.remove(path)
    later[path] = nil
  }
}
