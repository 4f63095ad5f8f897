internal import Compiler
internal import Delivery
internal import Incremental
internal import Mesh
internal import Segments

/// Follows one table of the compilation for the classes that have clients, and says what changed in
/// the words of Delivery.
///
/// Functions, made where the type of the table's names is known: through a protocol Swift would look up
/// at run time how to hash and compare them, for each of tens of thousands.
struct ChangeFeed {
  let type: ResourceType
  /// Starts to follow a class and answers all its resources.
  let start: (ProxyClass) -> CatalogUpdate.Changes
  /// All resources of a class that is followed, as they were last told of.
  let contents: (ProxyClass) -> CatalogUpdate.Changes
  let stop: (ProxyClass) -> Void
  /// What the last settling of the graph changed, for each class.
  let takeChanges: () -> [ProxyClass: CatalogUpdate.Changes]

  init<Name>(_ type: ResourceType, _ table: Compiler.ResourceTable<Name>) {
    self.init(TableFeed(type, table))
  }

  /// Two tables whose resources have the same names, which are in memory once.
  static func pair<Name>(
    _ first: (type: ResourceType, table: Compiler.ResourceTable<Name>),
    _ second: (type: ResourceType, table: Compiler.ResourceTable<Name>)
  ) -> [ChangeFeed] {
    let feed = TableFeed(first.type, first.table)
    return [
      ChangeFeed(feed), ChangeFeed(TableFeed(second.type, second.table, namedAsThoseOf: feed)),
    ]
  }

  private init<Name>(_ feed: TableFeed<Name>) {
    type = feed.type
    start = { feed.start($0) }
    contents = { feed.contents($0) }
    stop = { feed.stop($0) }
    takeChanges = { feed.takeChanges() }
  }
}

private final class TableFeed<Name: Digested & Sendable> {
  let type: ResourceType
  private let table: Compiler.ResourceTable<Name>
  /// The names of a class, and the resource of each that has a body.
  private var followed: [ProxyClass: [Name: Resource?]] = [:]
  /// Where the texts of names are found, mostly.
  private let namesakes: TableFeed?

  init(
    _ type: ResourceType, _ table: Compiler.ResourceTable<Name>,
    namedAsThoseOf namesakes: TableFeed? = nil
  ) {
    self.type = type
    self.table = table
    self.namesakes = namesakes
  }

  func start(_ proxies: ProxyClass) -> CatalogUpdate.Changes {
    let names = table.names.observe(proxies)
    let known = namesakes?.followed[proxies] ?? [:]
    var resources = [Name: Resource?](minimumCapacity: names.count)
    var changes = CatalogUpdate.Changes()
    changes.upserts.reserveCapacity(names.count)
    for name in names {
      let made = resource(proxies, name, namesake: known[name] ?? nil)
      resources[name] = .some(made)
      if let made { changes.upserts.append(made) }
    }
    followed[proxies] = resources
    return changes
  }

  func contents(_ proxies: ProxyClass) -> CatalogUpdate.Changes {
    CatalogUpdate.Changes(upserts: followed[proxies]?.values.compactMap { $0 } ?? [])
  }

  func stop(_ proxies: ProxyClass) {
    for name in (followed.removeValue(forKey: proxies) ?? [:]).keys { unfollow(proxies, name) }
    table.names.unobserve(proxies)
  }

  func takeChanges() -> [ProxyClass: CatalogUpdate.Changes] {
    let (names, bodies) = (table.names.takeChanges(), table.bodies.takeChanges())
    guard !names.isEmpty || !bodies.isEmpty else { return [:] }
    var changes: [ProxyClass: CatalogUpdate.Changes] = [:]
    for (proxies, names) in names {
      guard let before = followed[proxies] else { continue }
      changes[proxies, default: .init()].upserts +=
        names.filter { before[$0] == nil }.compactMap { follow(proxies, $0) }
      let now = Set(names)
      let gone = before.keys.filter { !now.contains($0) }
      for name in gone {
        unfollow(proxies, name)
        followed[proxies]?[name] = nil
      }
      // What goes may come back under its name on the wire, as another resource.
      let texts = Set(gone.map(table.text))
      let stay = texts.isEmpty ? [] : texts.intersection(names.lazy.map(table.text))
      changes[proxies, default: .init()].removals += texts.subtracting(stay)
    }
    // What is no longer among the names may have changed on its way out.
    for (key, body) in bodies {
      guard let its = followed.index(forKey: key.proxies),
        let place = followed.values[its].index(forKey: key.name)
      else { continue }
      let text = followed.values[its].values[place]?.name ?? table.text(key.name)
      let made = body.map { Resource(type: type, name: text, body: $0) }
      followed.values[its].values[place] = made
      if let made {
        changes[key.proxies, default: .init()].upserts.append(made)
      } else {
        changes[key.proxies, default: .init()].removals.append(text)
      }
    }
    return changes
  }

  private func follow(_ proxies: ProxyClass, _ name: Name) -> Resource? {
    let namesake = namesakes?.followed[proxies]?[name] ?? nil
    let made = resource(proxies, name, namesake: namesake)
    followed[proxies]?[name] = .some(made)
    return made
  }

  private func resource(_ proxies: ProxyClass, _ name: Name, namesake: Resource?) -> Resource? {
    table.bodies.observe(ResourceKey(proxies, name)).map {
      Resource(type: type, name: namesake?.name ?? table.text(name), body: $0)
    }
  }

  private func unfollow(_ proxies: ProxyClass, _ name: Name) {
    table.bodies.unobserve(ResourceKey(proxies, name))
  }
}
