import Segments
import TestSupport

@testable import Delivery

/// A configuration that is always whole: each cluster a listener or route names exists, and each has
/// endpoints. What a catalog should hold, kept in the simplest way.
struct ModelMesh {
  /// What a resource says: its own name and edition, and whom it names.
  struct Content: Hashable {
    var name: String
    var edition: Int
    var clusters: [String] = []
    var routes: [String] = []

    var text: String {
      "\(name);\(edition);\(clusters.joined(separator: ","));\(routes.joined(separator: ","))"
    }

    init(name: String, edition: Int, clusters: [String] = [], routes: [String] = []) {
      self.name = name
      self.edition = edition
      self.clusters = clusters
      self.routes = routes
    }

    init(text: String) {
      let parts = text.split(separator: ";", omittingEmptySubsequences: false)
      name = String(parts[0])
      edition = Int(parts[1]) ?? -1
      clusters = parts[2].split(separator: ",").map(String.init)
      routes = parts[3].split(separator: ",").map(String.init)
    }
  }

  var contents: [ResourceType: [String: Content]] = [:]
  private var revision: UInt64 = 0

  /// The body for a name that does not exist: routes and endpoints are answered, secrets are not.
  static let placeholder: Catalog.Placeholder = { type, name in
    switch type {
    case .endpoints, .routes: Rope(Array(Content(name: name, edition: 0).text.utf8))
    case .cluster, .listener, .virtualHost, .secret, .extensionConfig: nil
    }
  }

  subscript(type: ResourceType, name: String) -> Content? { contents[type]?[name] }

  /// Replaces a few resources at random and answers what changed.
  mutating func edit(using random: inout SeededRandom) -> CatalogUpdate {
    let old = contents
    for _ in 0..<Int.random(in: 1...3, using: &random) { editOne(using: &random) }
    return update(since: old)
  }

  /// Gives each resource another edition.
  mutating func touchAll() -> CatalogUpdate {
    let old = contents
    for (type, byName) in contents {
      for name in byName.keys { contents[type]?[name]?.edition += 1000 }
    }
    return update(since: old)
  }

  private mutating func editOne(using random: inout SeededRandom) {
    let edition = Int.random(in: 1...4, using: &random)
    func name(_ prefix: String, _ count: Int) -> String {
      "\(prefix)\(Int.random(in: 0..<count, using: &random))"
    }
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<3:
      let name = name("c", 8)
      contents[.cluster, default: [:]][name] = Content(name: name, edition: edition)
      contents[.endpoints, default: [:]][name] = Content(name: name, edition: edition)
    case 3: removeCluster(name("c", 8))
    case 4, 5:
      let name = name("c", 8)
      if self[.cluster, name] != nil {
        contents[.endpoints]?[name] = Content(name: name, edition: edition)
      }
    case 6, 7:
      let name = name("r", 4)
      contents[.routes, default: [:]][name] = Content(
        name: name, edition: edition, clusters: someClusters(using: &random))
    case 8:
      let name = name("r", 4)
      contents[.routes]?[name] = nil
      for (listener, content) in contents[.listener] ?? [:] where content.routes.contains(name) {
        contents[.listener]?[listener]?.routes.removeAll { $0 == name }
      }
    case 9:
      let routes = (contents[.routes] ?? [:]).keys.sorted()
      let name = name("l", 4)
      contents[.listener, default: [:]][name] = Content(
        name: name, edition: edition, clusters: someClusters(using: &random),
        routes: routes.filter { _ in Bool.random(using: &random) })
    case 10: contents[.listener]?[name("l", 4)] = nil
    default:
      let name = name("s", 3)
      let isGone = Int.random(in: 0..<3, using: &random) == 0
      contents[.secret, default: [:]][name] =
        isGone ? nil : Content(name: name, edition: edition)
    }
  }

  private func someClusters(using random: inout SeededRandom) -> [String] {
    let names = (contents[.cluster] ?? [:]).keys.sorted()
    return names.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
  }

  /// Everyone stops using a cluster in the same step in which it goes.
  private mutating func removeCluster(_ name: String) {
    contents[.cluster]?[name] = nil
    contents[.endpoints]?[name] = nil
    for type in [ResourceType.listener, .routes] {
      for (user, content) in contents[type] ?? [:] where content.clusters.contains(name) {
        contents[type]?[user]?.clusters.removeAll { $0 == name }
        contents[type]?[user]?.edition += 10
      }
    }
  }

  private mutating func update(since old: [ResourceType: [String: Content]]) -> CatalogUpdate {
    revision += 1
    var changes: [ResourceType: CatalogUpdate.Changes] = [:]
    for type in ResourceType.allCases {
      let (before, after) = (old[type] ?? [:], contents[type] ?? [:])
      let upserts = after.values.filter { before[$0.name] != $0 }
      changes[type] = .init(
        upserts: upserts.map {
          Resource(type: type, name: $0.name, body: Rope(Array($0.text.utf8)))
        },
        removals: before.keys.filter { after[$0] == nil })
    }
    return CatalogUpdate(push: .number(revision), changes: changes)
  }
}
