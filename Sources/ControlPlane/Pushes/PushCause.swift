internal import Diagnostics
internal import Documents
internal import Resources

/// What made a push: the objects that changed, or what else happened.
struct PushCause: Sendable {
  enum Occasion: Sendable, Equatable {
    /// The first of all.
    case start
    /// Objects changed, or settings.
    case change
    /// Keys that tokens are verified with were fetched.
    case keys
    /// The first client of its class connected, which says so of itself.
    case client(String)
    /// The self-audit set a value right, which is named.
    case audit(String)
  }

  let occasion: Occasion
  let changes: ChangedObjects

  /// On one line: `VirtualService shop/cart (shop.yaml:12) and 2 more`.
  var text: String {
    switch occasion {
    case .start: "start: \(changes.text)"
    case .change: changes.text
    case .keys: "keys of tokens"
    case .client(let proxy): "first client of its class: \(proxy)"
    case .audit(let value): "self-audit: \(value)"
    }
  }

  /// istiod's word for it, in `pilot_push_triggers`.
  var trigger: String {
    switch occasion {
    case .start: "global"
    case .change: changes.first.first?.trigger ?? "unknown"
    case .keys: "config"
    case .client: "proxyrequest"
    case .audit: "debug"
    }
  }
}

/// Which objects changed since they were last asked for: the first of them and how many there are.
struct ChangedObjects: Sendable {
  private(set) var first: [ObjectChange] = []
  private(set) var count = 0
  private static let listed = 4

  /// `change` is made only of those that are listed.
  mutating func note(_ change: () -> ObjectChange) {
    count += 1
    if first.count < ChangedObjects.listed { first.append(change()) }
  }

  mutating func add(_ other: ChangedObjects) {
    count += other.count
    first += other.first.prefix(ChangedObjects.listed - first.count)
  }

  mutating func take() -> ChangedObjects {
    defer { self = ChangedObjects() }
    return self
  }

  var isEmpty: Bool { count == 0 }

  var text: String {
    guard let change = first.first else { return "nothing that counts" }
    return count == 1 ? change.text : "\(change.text) and \(count - 1) more"
  }
}

/// One object that is different now, and as it stands where.
struct ObjectChange: Hashable, Sendable {
  let name: ObjectName
  let isRemoved: Bool
  /// The API server's count of its specs; nil where it keeps none.
  let generation: Int64?
  let resourceVersion: String?
  /// Where it stands in a file, or stood; nil for one of an API server.
  let place: Place?
  /// Which of the mesh's other clusters it is of; nil for one of our own.
  var cluster: String?

  var text: String {
    let version =
      generation.map { "generation \($0)" } ?? resourceVersion.map { "resourceVersion \($0)" }
    let details = [
      isRemoved ? "removed" : nil, cluster.map { "cluster \($0)" }, place.map { "\($0)" }, version,
    ].compactMap(\.self)
    return details.isEmpty ? "\(name)" : "\(name) (\(details.joined(separator: ", ")))"
  }

  fileprivate var trigger: String {
    switch Kind(rawValue: name.kind) {
    case .endpointSlice, .pod, .workloadEntry: "endpoint"
    case .service, .serviceEntry: "service"
    case .secret: "secret"
    case .namespace: "namespace"
    case nil: name.kind == "MeshNetworks" ? "networks" : "global"
    case _: "config"
    }
  }
}

extension ObjectChange {
  /// An object of which nothing is known but its name.
  init(_ name: ObjectName, isRemoved: Bool) {
    self.init(
      name: name, isRemoved: isRemoved, generation: nil, resourceVersion: nil, place: nil)
  }

  /// An object as a document has it.
  init(_ name: ObjectName, in document: ReadDocument) {
    self.init(name, document.version, at: document.place)
  }

  /// The mesh's settings, which are no object.
  init(settings kind: String, _ document: Document, in path: String) {
    let place = document.root.position.place(in: path)
    self.init(
      ObjectName(kind: kind, namespace: "", name: ""), ObjectVersion(document.root),
      at: place)
  }

  private init(_ name: ObjectName, _ version: ObjectVersion, at place: Place) {
    // What came from an API server has no lines.
    self.init(
      name: name, isRemoved: false, generation: version.generation,
      resourceVersion: version.resourceVersion,
      place: place.line > 0 ? Place(file: place.file, line: place.line) : nil)
  }
}

/// Which of an object's versions something is.
struct ObjectVersion: Sendable {
  let generation: Int64?
  let resourceVersion: String?

  init(_ root: Node) {
    let metadata = root["metadata"]
    generation =
      if case .integer(let number)? = metadata?["generation"]?.content { number } else { nil }
    resourceVersion =
      if case .string(let text)? = metadata?["resourceVersion"]?.content { text } else { nil }
  }
}
