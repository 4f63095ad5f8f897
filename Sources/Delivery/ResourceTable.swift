package import Segments

/// The resources of one type in a catalog, by name and in name order, with a log of which names
/// changed so that each reader catches up at the cost of the change.
package final class ResourceTable {
  package let type: ResourceType
  private var resources: [String: Resource] = [:]
  /// The names, sorted by their bytes.
  private var order: [String] = []
  /// The names as a set, made when a client asks for everything.
  private var namedAll: Set<String>?
  /// What changed, in order, as far as a reader may not have heard of it.
  private var log: [Change] = []
  private var logStart = 0
  private var trail = PushTrail()
  /// The state-of-the-world entries in the order of the names, from the first client on that takes
  /// them all; and as one part.
  private var entries: [Rope]?
  private var assembled: Rope?
  /// The last long response in each mode: of a crowd of clients that ask for the same each is sent the
  /// same entries, from the second on.
  private var shared: [DiscoveryStream.Mode: Shared] = [:]
  /// Of what the whole table holds: equal contents, equal hash, whatever the history.
  package private(set) var digest = ContentHash.zero

  /// A name that changed, and what it was before.
  struct Change {
    enum Before {
      case nothing
      case version(ContentHash)
      /// Removed: whoever may still need it is told it until it does not.
      case removed(Resource)
    }
    let name: String
    let before: Before
  }

  private struct Shared {
    let resources: [Resource]
    /// Nil where one client asked: for others that may never come they are not kept.
    let entries: Rope?
  }

  init(type: ResourceType) { self.type = type }

  package subscript(name: String) -> Resource? { resources[name] }
  package var count: Int { resources.count }
  package var names: [String] { order }
  /// All resources in name order.
  package var all: [Resource] { order.map { resource(listed: $0) } }
  /// Says the same in words.
  package var version: String { digest.description }

  /// The names `collection/…`, in order.
  func names(in collection: String) -> ArraySlice<String> {
    let prefix = collection + "/"
    let start = place(of: prefix)
    return order[start...].prefix { $0.hasPrefix(prefix) }
  }

  /// How many changes there have been: a reader's place in the log.
  var sequence: Int { logStart + log.count }

  /// What changed after a reader was at `place`.
  func changes(since place: Int) -> ArraySlice<Change> {
    precondition(place >= logStart, "the log is forgotten only when all readers have read it")
    return log[(place - logStart)...]
  }

  /// The log is longer than what it saves.
  var hasLongLog: Bool { log.count > 1024 }

  /// All readers have read the log.
  func forgetLog() {
    logStart = sequence
    log = []
  }

  /// All names, as a set that readers share.
  var allNames: Set<String> {
    if let namedAll { return namedAll }
    let all = Set(order)
    namedAll = all
    return all
  }

  /// Some names in order; those of them that the table lacks, too.
  func ordered(_ some: Set<String>) -> [String] {
    // A search of the whole table is cheaper than sorting much of it again.
    guard some.count > 32, some.count * 8 > count else { return some.sorted() }
    let present = some.count == count ? order : order.filter(some.contains)
    return present.count == some.count && (some.count < count || present.allSatisfy(some.contains))
      ? present : some.sorted()
  }

  /// The push that last changed anything.
  var lastPush: Push? { trail.last }
  /// The push that the change at a place in the log comes from.
  func push(changing place: Int) -> Push? { trail.push(changing: place) }

  /// Every resource's state-of-the-world entry in name order, assembled once for all clients.
  func assembledEntries() -> Rope {
    if let assembled { return assembled }
    let parts = entries ?? order.map { resource(listed: $0).stateOfTheWorldEntry }
    let whole = Rope(joining: parts)
    (entries, assembled) = (parts, whole)
    return whole
  }

  /// The entries of some resources in a response.
  func entries(of resources: [Resource], _ mode: DiscoveryStream.Mode) -> [Rope] {
    func made() -> [Rope] {
      switch mode {
      case .delta: resources.map(\.deltaEntry)
      case .stateOfTheWorld: resources.map(\.stateOfTheWorldEntry)
      }
    }
    guard resources.count > 32 else { return made() }
    let isSecond = shared[mode]?.resources.elementsEqual(resources, by: ===) == true
    if isSecond, let entries = shared[mode]?.entries { return [entries] }
    let entries = Rope(joining: made())
    shared[mode] = Shared(resources: resources, entries: isSecond ? entries : nil)
    return [entries]
  }

  /// Takes over what really changes and answers whether anything did.
  func apply(_ changes: CatalogUpdate.Changes, of push: Push) -> Bool {
    let before = sequence
    var added: [String] = []
    var replaced: [String] = []
    var removed: Set<String> = []
    let gone = Set(changes.removals)
    for name in changes.removals {
      guard let old = resources.removeValue(forKey: name) else { continue }
      digest.subtract(old.digest)
      removed.insert(name)
      log.append(Change(name: old.name, before: .removed(old)))
    }
    for resource in changes.upserts where !gone.contains(resource.name) {
      precondition(resource.type == type, "an update lists each resource under its own type")
      if let old = resources[resource.name] {
        guard old.body != resource.body else { continue }
        digest.subtract(old.digest)
        replaced.append(resource.name)
        log.append(Change(name: resource.name, before: .version(old.body.hash)))
      } else {
        added.append(resource.name)
        log.append(Change(name: resource.name, before: .nothing))
      }
      resources[resource.name] = resource
      digest.add(resource.digest)
    }
    guard sequence != before else { return false }
    trail.append(push, upTo: sequence)
    reorder(adding: added, removing: removed)
    if entries != nil {
      for name in replaced {
        entries?[place(of: name)] = resource(listed: name).stateOfTheWorldEntry
      }
    }
    assembled = nil
    shared = [:]
    return true
  }

  private func resource(listed name: String) -> Resource {
    guard let resource = resources[name] else {
      preconditionFailure("the order lists exactly the names there are")
    }
    return resource
  }

  /// A few names are put in place by binary search; many are cheaper sorted again.
  private func reorder(adding added: [String], removing removed: Set<String>) {
    if !added.isEmpty || !removed.isEmpty { namedAll = nil }
    guard added.count + removed.count <= 32 else {
      order = resources.keys.sorted()
      entries = nil
      return
    }
    for name in removed {
      let place = place(of: name)
      order.remove(at: place)
      entries?.remove(at: place)
    }
    for name in added {
      let place = place(of: name)
      order.insert(name, at: place)
      entries?.insert(resource(listed: name).stateOfTheWorldEntry, at: place)
    }
  }

  private func place(of name: String) -> Int {
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if order[middle] < name { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
