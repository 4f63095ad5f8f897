package import Documents

/// The object whose status is meant, as the server's URLs name it.
package struct StatusTarget: Hashable, Comparable, Sendable {
  /// Empty for the core group.
  package let group: String
  package let plural: String
  /// Empty for cluster-wide kinds.
  package let namespace: String
  package let name: String

  package init(group: String, plural: String, namespace: String, name: String) {
    self.group = group
    self.plural = plural
    self.namespace = namespace
    self.name = name
  }

  /// The kind as kubectl spells it: `serviceentries.networking.istio.io`.
  package var resource: String { group.isEmpty ? plural : "\(plural).\(group)" }

  package static func < (a: Self, b: Self) -> Bool {
    (a.group, a.plural, a.namespace, a.name) < (b.group, b.plural, b.namespace, b.name)
  }

  /// Where the status of the object is written, in that version.
  func path(apiVersion: String) -> String {
    let root = group.isEmpty ? "/api/\(apiVersion)" : "/apis/\(apiVersion)"
    let place = namespace.isEmpty ? "" : "/namespaces/\(namespace)"
    return "\(root)\(place)/\(plural)/\(name)/status"
  }
}

/// An object as the server told of it, as far as writing its status needs to know.
package struct SeenStatus: Hashable, Sendable {
  package let apiVersion: String
  package let kind: String
  package let uid: String?
  package let resourceVersion: String
  package let generation: Int64?
  /// Null where the object has none.
  package let status: Node

  /// Nil for what is no object of a server's: one without a version.
  package init?(_ root: Node) {
    guard let apiVersion = root["apiVersion"]?.text, let kind = root["kind"]?.text,
      let version = root["metadata"]?["resourceVersion"]?.text, !version.isEmpty
    else { return nil }
    self.apiVersion = apiVersion
    self.kind = kind
    uid = root["metadata"]?["uid"]?.text
    resourceVersion = version
    generation = SeenStatus.generation(root)
    status = root["status"] ?? Node(.null)
  }

  /// By itself: Swift 6.3's optimiser crashes where it is part of the initialiser.
  @inline(never) private static func generation(_ root: Node) -> Int64? {
    root["metadata"]?["generation"]?.integer.map(Int64.init)
  }

  /// Whether this was told before the other: versions of one kind are numbers that rise.
  func isBefore(_ other: SeenStatus) -> Bool {
    guard uid == other.uid, let own = UInt64(resourceVersion),
      let others = UInt64(other.resourceVersion)
    else { return false }
    return own < others
  }
}

/// What an object's status should say: some of its fields, each whole. A field that is null or empty
/// should say nothing; fields that are not named are others'.
package struct WantedStatus: Hashable, Sendable {
  package let fields: [Node.Entry]

  /// Fields by name, in any order.
  package init(_ fields: [Node.Entry]) {
    self.fields = fields.sorted { $0.key < $1.key }.map {
      Node.Entry(key: $0.key, value: $0.value.withoutPositions.withSortedKeys)
    }
  }

  /// Whether the object says all this already.
  package func isSaid(by seen: SeenStatus) -> Bool {
    fields.allSatisfy { $0.value.compared == seen.status[$0.key]?.compared ?? .null }
  }

  /// The object to apply: what is wanted, in the version that was seen and no other. What says nothing
  /// is left out unless something must go that others wrote.
  func applied(to target: StatusTarget, seen: SeenStatus) -> Node {
    var metadata: [Node.Entry] = [.init(key: "name", value: Node(.string(target.name)))]
    if !target.namespace.isEmpty {
      metadata.append(.init(key: "namespace", value: Node(.string(target.namespace))))
    }
    if let uid = seen.uid { metadata.append(.init(key: "uid", value: Node(.string(uid)))) }
    metadata.append(
      .init(key: "resourceVersion", value: Node(.string(seen.resourceVersion))))
    let written = fields.filter {
      $0.value.compared != .null || (seen.status[$0.key]?.compared ?? .null) != .null
    }
    return Node(
      .mapping([
        .init(key: "apiVersion", value: Node(.string(seen.apiVersion))),
        .init(key: "kind", value: Node(.string(seen.kind))),
        .init(key: "metadata", value: Node(.mapping(metadata))),
        .init(key: "status", value: Node(.mapping(written))),
      ]))
  }
}

/// What became of an object: how its status is, and how it should be.
package struct StatusReport: Hashable, Sendable {
  package let seen: SeenStatus
  package let wanted: WantedStatus

  package init(seen: SeenStatus, wanted: WantedStatus) {
    self.seen = seen
    self.wanted = wanted
  }
}

extension Node {
  /// The content with what servers and clients write in two ways made one: nothing and empty lists,
  /// numbers and their text (`x-kubernetes-int-or-string`).
  fileprivate var compared: Content {
    switch content {
    case .sequence(let items):
      items.isEmpty ? .null : .sequence(items.map { Node($0.compared) })
    case .mapping(let entries):
      entries.isEmpty
        ? .null
        : .mapping(
          entries.sorted { $0.key < $1.key }.map {
            Entry(key: $0.key, value: Node($0.value.compared))
          }
        )
    case .string(let text): Int64(text).map { .integer($0) } ?? content
    case .null, .bool, .integer, .number: content
    }
  }
}
