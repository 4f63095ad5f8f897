internal import Diagnostics
package import Documents
package import Linux

/// Configuration from files and directories, followed with inotify.
///
/// One thread calls it: first ``initial(now:)``, then ``changes(now:)`` whenever ``descriptor`` is
/// readable, which covers both what the kernel reports and the times of quiet that are waited for. A
/// change to one file costs reading that file; a change to directories or links costs a walk of the
/// tree, which looks at every file and reads those that changed.
///
/// A given path that vanishes keeps what was read from it, a file like a directory: someone gave it, so
/// something should be there. Below a given directory, what is deleted is gone.
package final class DirectorySource {
  /// Readable when ``changes(now:)`` may have something to say.
  package var descriptor: FileDescriptor { epoll.descriptor }

  private let roots: [String]
  private let limits: DocumentLimits
  private let watches: Watches
  private let timer: TimerFD
  /// What the timer was set to last.
  private var timed: ContinuousClock.Instant?
  private let epoll: Epoll
  private var tree = FileTree.empty
  private var attention = Attention()
  private var files: FollowedFiles
  /// Looked at since the tree was walked: newer than what the tree says of them.
  private var lookedAt: Set<String> = []
  /// Walks of the tree and looks at files so far: what tests hold the cost of a change to.
  private(set) var walks = 0
  private(set) var looks = 0

  /// Starts to follow the paths, each a file or a directory.
  package init(
    _ paths: [String], limits: DocumentLimits = DocumentLimits()
  ) throws(LinuxError) {
    roots = DirectorySource.roots(of: paths)
    self.limits = limits
    files = FollowedFiles(limits: limits)
    watches = try Watches()
    timer = try TimerFD()
    epoll = try Epoll()
    try epoll.add(watches.inotify.descriptor, .readable, token: 0)
    try epoll.add(timer.descriptor, .readable, token: 1)
  }

  /// Everything there is. What changes while it is read is told by ``changes(now:)``.
  package func initial() -> Batch {
    watches.begin()
    tree = FileTree(below: roots, watches: watches)
    watches.end()
    return files.everything(in: tree, limits: limits)
  }

  /// What has changed, or nil. Does not wait.
  package func changes(now: ContinuousClock.Instant) throws(LinuxError) -> Batch? {
    for event in try watches.events() { note(event, now: now) }
    if attention.isTreeDue(at: now) { walk(now: now) }
    let observations = look(at: attention.due(at: now), now: now)
    try setTimer(now: now)
    return files.batch(of: observations, problems: tree.problems)
  }

  /// Setting the timer makes it unreadable, too.
  private func setTimer(now: ContinuousClock.Instant) throws(LinuxError) {
    let deadline = attention.deadline
    guard deadline != timed || deadline.map({ $0 <= now }) == true else { return }
    try timer.set(deadline.map { $0 - now })
    timed = deadline
  }

  /// When there is something to say though nothing happens: when ``descriptor`` is readable then.
  var deadline: ContinuousClock.Instant? { attention.deadline }

  /// Reads the paths once, without following them.
  package static func contents(
    of paths: [String], limits: DocumentLimits = DocumentLimits()
  ) -> Batch {
    var files = FollowedFiles(limits: limits)
    return files.everything(
      in: FileTree(below: roots(of: paths), watches: nil), limits: limits)
  }

  /// A path given twice counts once; a slash at its end says nothing.
  private static func roots(of paths: [String]) -> [String] {
    var roots: [String] = []
    for path in paths {
      var root = path
      while root.count > 1 && root.hasSuffix("/") { root.removeLast() }
      if !roots.contains(root) { roots.append(root) }
    }
    return roots
  }

  // MARK: Looking

  /// Finds out what the tree has become, and which files to look at therefore.
  private func walk(now: ContinuousClock.Instant) {
    walks += 1
    let before = tree
    watches.begin()
    tree = FileTree(below: roots, watches: watches)
    watches.end()
    for (path, file) in tree.files where before.files[path] != file || lookedAt.contains(path) {
      attention.look(at: path, afterQuietFrom: now)
    }
    lookedAt = []
    for path in files.paths where tree.files[path] == nil && !isKept(path) {
      attention.vanish(path, now: now)
    }
  }

  private func look(
    at due: Attention.Due, now: ContinuousClock.Instant
  ) -> [FollowedFiles.Observation] {
    due.settled.union(due.fresh).compactMap { path in
      looks += 1
      lookedAt.insert(path)
      let found =
        tree.follows(path)
        ? FollowedFiles.Observation(at: path, limits: limits)
        : FollowedFiles.Observation(path: path, found: .gone)
      switch found.found {
      case .contents, .tooLarge, .unreadable: return found
      case .leadsNowhere where due.settled.contains(path): return found
      case .gone where due.settled.contains(path): return isKept(path) ? nil : found
      case .leadsNowhere, .gone:
        attention.vanish(path, now: now)
        return nil
      }
    }
  }

  /// Whether a file that is not there is to be kept: it is the directory, or the given path, that is
  /// not there or cannot be read.
  private func isKept(_ path: String) -> Bool {
    if tree.isBelowMissing(path) { return true }
    let root = roots.first { path == $0 || path.hasPrefix($0 + "/") }
    return root.map { !FileTree.exists($0) } ?? false
  }

  // MARK: Events

  private func note(_ event: Watches.Event, now: ContinuousClock.Instant) {
    switch event {
    case .overflow:
      for path in tree.files.keys { attention.look(at: path, afterQuietFrom: now) }
      attention.lookAtTree(at: now)
    case .onTheWay: attention.lookAtTree(at: now)
    case .toDirectory: attention.lookAtTree(soonestAt: now)
    case .behindLinks(let path, let change):
      attention.note(change, at: path, now: now)
      if change.isOfName { attention.lookAtTree(at: now + Attention.quiet) }
    case .linkReplaced(let path):
      attention.look(at: path, afterQuietFrom: now)
      attention.lookAtTree(at: now + Attention.quiet)
    case .toEntry(let path, let change):
      if FileName.isConfiguration(path) { attention.note(change, at: path, now: now) }
      if changesTree(path, change) { attention.lookAtTree(soonestAt: now) }
    }
  }

  /// Whether there are other links than there were.
  private func changesTree(_ path: String, _ change: Attention.FileEvent) -> Bool {
    change.isOfName && (tree.hasLink(path) || FileTree.isLink(path))
  }
}
