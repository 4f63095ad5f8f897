internal import Diagnostics
internal import Documents
internal import Ingest
internal import Mesh
internal import Resources
internal import Segments
internal import Store
internal import TLS

/// What a replica has, in a number for each kind of object: equal on replicas that have the same.
struct InputRoots {
  private var own = ObjectRoots()
  /// By the names of the mesh's other clusters.
  private var remote: [String: ObjectRoots] = [:]
  /// MeshConfig and MeshNetworks.
  private var settings: [String: ContentHash] = [:]
  private var keySets: [KeySetLocation: ContentHash] = [:]
  private var keySetSum = ObjectRoots.Sum()

  mutating func replace(
    _ file: ReadObjects, at path: String, of cluster: KubernetesCluster, _ store: ObjectStore
  ) {
    let isAnyRefused = store.refused.count > 0
    change(cluster) { roots in
      roots.replace(file, at: path) { document in
        guard isAnyRefused else { return !document.isNamed }
        return document.name.map { store.refused.current($0) != nil } ?? true
      }
    }
  }

  mutating func remove(_ path: String, of cluster: KubernetesCluster) {
    change(cluster) { $0.remove(path) }
  }

  mutating func leave(cluster name: String) { remote[name] = nil }

  private mutating func change(_ cluster: KubernetesCluster, _ body: (inout ObjectRoots) -> Void) {
    switch cluster {
    case .own: body(&own)
    case .remote(let name): body(&remote[name, default: ObjectRoots()])
    }
  }

  mutating func set(_ name: String, _ root: Node) { settings[name] = ContentHash(of: root) }

  mutating func set(_ location: KeySetLocation, _ keys: String?) {
    if let before = keySets.removeValue(forKey: location) {
      keySetSum.hash.subtract(before)
      keySetSum.count -= 1
    }
    guard let keys else { return }
    let hash = ContentHash(of: Array("\(location)\n\(keys)".utf8))
    keySets[location] = hash
    keySetSum.hash.add(hash)
    keySetSum.count += 1
  }

  /// Every kind of which there is something, by name; another cluster's name before those of its own.
  var all: [Root] {
    let objects =
      ObjectRoots.named(own.kinds, prefix: "")
      + remote.flatMap { ObjectRoots.named($0.value.kinds, prefix: "\($0.key)/") }
    let others =
      settings.map { Root(name: $0.key, count: 1, hash: $0.value) }
      + [Root(name: "KeySet", count: keySetSum.count, hash: keySetSum.hash)]
    return (objects + others).filter { $0.count > 0 }.sorted { $0.name < $1.name }
  }
}

/// A number for a part of what a replica has or sends.
struct Root: Sendable {
  let name: String
  /// Of how many.
  let count: Int
  /// What is shown of a sum of hashes is no way back to it, nor to what is in it.
  let digest: [UInt8]

  init(name: String, count: Int, hash: ContentHash) {
    self.name = name
    self.count = count
    digest = OneWay.digest(of: Array(hash.description.utf8))
  }

  /// Of all of them together, in their order.
  init(name: String, of parts: [Root]) {
    self.name = name
    count = parts.reduce(0) { $0 + $1.count }
    digest = OneWay.digest(
      of: parts.flatMap { Array($0.name.utf8) + [0] + $0.digest })
  }

  /// 32 hexadecimal digits.
  var text: String { OneWay.text(digest) }

  /// As much of it as Prometheus' numbers hold.
  var number: Int { digest.prefix(6).reduce(0) { $0 << 8 | Int($1) } }

  func node(counting word: String) -> Node {
    Node(
      .mapping([
        .init(key: word, value: Node(.integer(Int64(count)))),
        .init(key: "root", value: .text(text)),
      ]))
  }
}

extension ObjectRoots {
  fileprivate static func named(_ kinds: [Kind: Sum], prefix: String) -> [Root] {
    kinds.map { Root(name: prefix + $0.key.rawValue, count: $0.value.count, hash: $0.value.hash) }
  }
}
