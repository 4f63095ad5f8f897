internal import Diagnostics
internal import Linux

/// Which directories the kernel watches for us, and who depends on what happens in them.
///
/// The table is made anew by each walk of the tree: between ``begin()`` and ``end()`` everything that
/// is still wanted is asked for again, and what is not is no longer watched.
final class Watches {
  /// What the kernel reports, put in terms of what depends on it.
  enum Event {
    /// Events were lost.
    case overflow
    /// A name on the way to a given path or linked directory leads elsewhere, or a followed directory
    /// is not where it was.
    case onTheWay
    /// A directory came, went or changed its permissions.
    case toDirectory
    /// To a name in a followed directory that is no directory.
    case toEntry(path: String, Attention.FileEvent)
    /// To the file that the path leads to through links.
    case behindLinks(path: String, Attention.FileEvent)
    /// A link on the way from the path to its file was replaced.
    case linkReplaced(path: String)
  }

  private struct Watched {
    var directory: String?
    /// Paths that lead to the file of a name, and paths that lead through the link of a name.
    var pathsTo: [String: Set<String>] = [:]
    var pathsThrough: [String: Set<String>] = [:]
    var namesOnTheWay: Set<String> = []
  }

  let inotify: Inotify
  private var table: [Inotify.Watch: Watched] = [:]
  private var previous: [Inotify.Watch: Watched] = [:]
  private var found: [String: (watch: Inotify.Watch, changes: Inotify.Changes)] = [:]

  init() throws(LinuxError) { inotify = try Inotify() }

  func begin() {
    previous = table
    table = [:]
    found = [:]
  }

  func end() {
    for watch in previous.keys where table[watch] == nil { inotify.stop(watch) }
    previous = [:]
    found = [:]
  }

  /// Watches what happens in a directory. The answer is why that is not possible.
  func follow(_ directory: String) -> Diagnostic? {
    do throws(LinuxError) {
      let watch = try watch(directory, for: Watches.structure.union(Watches.writing))
      table[watch, default: Watched()].directory = directory
      return nil
    } catch {
      return .notFollowed(directory, reason: error.reason)
    }
  }

  /// Watches where the links lead on the way to a file.
  func watch(file: String, along trail: PathTrail) {
    watch(directories: trail.directories)
    for step in trail.steps {
      watch(step, for: Watches.structure.union(Watches.writing)) {
        if step.isLink {
          $0.pathsThrough[step.name, default: []].insert(file)
        } else {
          $0.pathsTo[step.name, default: []].insert(file)
        }
      }
    }
  }

  /// Watches what a path leads to, which the shape of the tree depends on: a given path, or a link in
  /// a followed directory.
  func watchTree(along trail: PathTrail) {
    watch(directories: trail.directories)
    for step in trail.steps {
      watch(step, for: Watches.structure.union(.attributes)) { $0.namesOnTheWay.insert(step.name) }
    }
  }

  /// What has happened, in order.
  func events() throws(LinuxError) -> [Event] {
    var events: [Inotify.Event] = []
    while case let more = try inotify.events(), !more.isEmpty { events += more }
    let renames = renames(among: events)
    return events.flatMap { self.events(of: $0, renames: renames) }
  }

  private func events(of event: Inotify.Event, renames: Set<UInt32>) -> [Event] {
    guard let watch = event.watch else { return [.overflow] }
    guard let watched = table[watch] else { return [] }
    guard event.changes.isDisjoint(with: [.watchEnded, .selfDeleted, .selfMoved, .unmounted]) else {
      if event.changes.contains(.watchEnded) { table[watch] = nil }
      return [.onTheWay]
    }
    var events: [Event] = []
    if !event.changes.isDisjoint(with: Watches.structure.union(.attributes)) {
      if watched.namesOnTheWay.contains(event.name) { events.append(.onTheWay) }
    }
    if !event.changes.isDisjoint(with: Watches.structure) {
      events += (watched.pathsThrough[event.name] ?? []).sorted().map { .linkReplaced(path: $0) }
    }
    guard let change = Attention.FileEvent(event.changes, isRename: renames.contains(event.cookie))
    else { return events }
    events += (watched.pathsTo[event.name] ?? []).sorted().map { .behindLinks(path: $0, change) }
    if let directory = watched.directory, !FileName.isHidden(event.name) {
      events.append(
        event.changes.contains(.isDirectory)
          ? .toDirectory : .toEntry(path: directory + "/" + event.name, change))
    }
    return events
  }

  /// The renames of a followed file to the name of a followed file.
  private func renames(among events: [Inotify.Event]) -> Set<UInt32> {
    guard events.contains(where: { $0.changes.contains(.movedFrom) }) else { return [] }
    func cookies(_ change: Inotify.Changes) -> Set<UInt32> {
      Set(
        events.lazy.filter { event in
          event.changes.contains(change) && FileName.isConfiguration(event.name)
            && event.watch.flatMap { self.table[$0]?.directory } != nil
        }.map(\.cookie))
    }
    return cookies(.movedFrom).intersection(cookies(.movedTo))
  }

  private static let structure: Inotify.Changes = [
    .movedFrom, .movedTo, .created, .deleted, .selfDeleted, .selfMoved,
  ]
  private static let writing: Inotify.Changes = [.modified, .closedAfterWrite, .attributes]

  // Where a directory on the way cannot be watched, the path itself was read all the same.
  private func watch(directories: [String]) {
    for directory in directories {
      guard let watch = try? watch(directory, for: [.selfDeleted, .selfMoved]) else { continue }
      if table[watch] == nil { table[watch] = Watched() }
    }
  }

  private func watch(
    _ step: PathTrail.Step, for changes: Inotify.Changes, note: (inout Watched) -> Void
  ) {
    guard let watch = try? watch(step.directory, for: changes) else { return }
    note(&table[watch, default: Watched()])
  }

  private func watch(
    _ directory: String, for changes: Inotify.Changes
  ) throws(LinuxError) -> Inotify.Watch {
    if let known = found[directory], known.changes.isSuperset(of: changes) { return known.watch }
    let watch = try inotify.watch(directory, for: changes.union(.inAddition))
    found[directory] = (watch, changes)
    return watch
  }
}

extension Attention.FileEvent {
  /// What an event means for the file of its name; nil where it means nothing.
  fileprivate init?(_ changes: Inotify.Changes, isRename: Bool) {
    if changes.contains(.closedAfterWrite) {
      self = .written
    } else if changes.contains(.movedTo) {
      self = .movedIn
    } else if changes.contains(.movedFrom) {
      self = isRename ? .renamed : .vanished
    } else if changes.contains(.deleted) {
      self = .vanished
    } else if changes.contains(.created) {
      self = .created
    } else if changes.contains(.modified) {
      self = .modified
    } else if changes.contains(.attributes) {
      self = .attributesChanged
    } else {
      return nil
    }
  }
}
