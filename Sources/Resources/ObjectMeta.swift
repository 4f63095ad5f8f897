/// `metadata` of an object.
package struct ObjectMeta: Hashable, Sendable {
  /// Namespace and name, as keys hold them.
  package private(set) var texts: TextPair
  package var labels: [String: String]
  @Boxed private var rest: Rest?

  /// What many objects have nothing of; there are as many of these as objects.
  private struct Rest: Hashable, Sendable {
    var annotations: [String: String] = [:]
    var creationTimestamp: Timestamp?
    var deletionTimestamp: Timestamp?
    var generateName: String?
    var ownerReferences: [OwnerReference] = []
    var fileOrder: FileOrder?
  }

  package init(
    name: String, namespace: String = "", labels: [String: String] = [:],
    annotations: [String: String] = [:], creationTimestamp: Timestamp? = nil,
    deletionTimestamp: Timestamp? = nil, generateName: String? = nil,
    ownerReferences: [OwnerReference] = []
  ) {
    texts = TextPair(namespace, name)
    self.labels = labels
    let rest = Rest(
      annotations: annotations, creationTimestamp: creationTimestamp,
      deletionTimestamp: deletionTimestamp, generateName: generateName,
      ownerReferences: ownerReferences)
    if rest != Rest() { self.rest = rest }
  }

  package var name: String { texts.second }
  /// Empty for cluster-wide kinds.
  package var namespace: String {
    get { texts.first }
    set { texts = TextPair(newValue, name) }
  }
  package var annotations: [String: String] {
    get { rest?.annotations ?? [:] }
    set { change { $0.annotations = newValue } }
  }
  package var creationTimestamp: Timestamp? {
    get { rest?.creationTimestamp }
    set { change { $0.creationTimestamp = newValue } }
  }
  package var deletionTimestamp: Timestamp? { rest?.deletionTimestamp }
  package var generateName: String? { rest?.generateName }
  package var ownerReferences: [OwnerReference] { rest?.ownerReferences ?? [] }
  /// Where the object stands among the others that files define; nil for one from elsewhere.
  package var fileOrder: FileOrder? {
    get { rest?.fileOrder }
    set { change { $0.fileOrder = newValue } }
  }

  private mutating func change(_ change: (inout Rest) -> Void) {
    var rest = rest ?? Rest()
    change(&rest)
    self.rest = rest == Rest() ? nil : rest
  }
}

extension ObjectMeta: CustomReflectable {
  package var customMirror: Mirror {
    Mirror(
      self,
      children: [
        "name": name, "namespace": namespace, "labels": labels, "annotations": annotations,
        "creationTimestamp": creationTimestamp as Any,
        "deletionTimestamp": deletionTimestamp as Any, "generateName": generateName as Any,
        "ownerReferences": ownerReferences, "fileOrder": fileOrder as Any,
      ], displayStyle: .struct)
  }
}
