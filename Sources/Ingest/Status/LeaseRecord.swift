internal import Documents

/// A Lease (coordination.k8s.io) as the server told of it: who may write until when.
struct LeaseRecord: Hashable {
  /// Nil for nobody.
  let holder: String?
  let duration: Duration
  let transitions: Int
  let resourceVersion: String
  private let root: Node

  /// Nil for what is no Lease.
  init?(_ root: Node) {
    guard let version = root["metadata"]?["resourceVersion"]?.text else { return nil }
    let spec = root["spec"]
    holder = spec?["holderIdentity"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    // A holder that says nothing of time is believed for an hour at most, and no holder for less than
    // nothing.
    duration = .seconds(min(max(spec?["leaseDurationSeconds"]?.integer ?? 0, 0), 3600))
    transitions = spec?["leaseTransitions"]?.integer ?? 0
    resourceVersion = version
    self.root = root
  }

  /// What a Lease says of its holder.
  struct Term {
    let holder: String
    let duration: Duration
    let transitions: Int
    /// RFC 3339 with microseconds, which is all the server takes. Nobody decides by it: clocks differ.
    let acquired: String?
    let renewed: String

    fileprivate func entries(over spec: Node?) -> [Node.Entry] {
      var entries: [Node.Entry] = [
        .init(key: "holderIdentity", value: Node(.string(holder))),
        .init(
          key: "leaseDurationSeconds",
          value: Node(.integer(max(1, duration.components.seconds)))),
        .init(key: "leaseTransitions", value: Node(.integer(Int64(transitions)))),
        .init(key: "renewTime", value: Node(.string(renewed))),
      ]
      if let acquired { entries.append(.init(key: "acquireTime", value: Node(.string(acquired)))) }
      guard case .mapping(let others)? = spec?.content else { return entries }
      let own = Set(entries.map(\.key))
      return entries + others.filter { !own.contains($0.key) }
    }
  }

  /// The object with another term, everything else as it was told.
  func replaced(with term: Term) -> Node {
    guard case .mapping(let entries) = root.content else { return root }
    return Node(
      .mapping(
        entries.filter { $0.key != "spec" } + [
          .init(key: "spec", value: Node(.mapping(term.entries(over: root["spec"]))))
        ]))
  }

  /// A Lease that is not there yet.
  static func first(namespace: String, name: String, _ term: Term) -> Node {
    Node(
      .mapping([
        .init(key: "apiVersion", value: Node(.string("coordination.k8s.io/v1"))),
        .init(key: "kind", value: Node(.string("Lease"))),
        .init(
          key: "metadata",
          value: Node(
            .mapping([
              .init(key: "name", value: Node(.string(name))),
              .init(key: "namespace", value: Node(.string(namespace))),
            ]))),
        .init(key: "spec", value: Node(.mapping(term.entries(over: nil)))),
      ]))
  }
}
