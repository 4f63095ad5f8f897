package import Resources

/// An object's place among its kind where the first one wins: creation time, then name, then
/// namespace, as istiod sorts (`sortConfigByCreationTime`). No creation time counts as the earliest.
package struct Rank: Hashable, Comparable, Sendable {
  private let created: Int64
  package let id: NamespacedName

  package init(_ metadata: ObjectMeta) {
    created = metadata.creationTimestamp?.secondsSince1970 ?? .min
    id = NamespacedName(namespace: metadata.namespace, name: metadata.name)
  }

  /// The place of something that an object defines under another name, as a host of a ServiceEntry.
  package init(_ metadata: ObjectMeta, name: String) {
    created = metadata.creationTimestamp?.secondsSince1970 ?? .min
    id = NamespacedName(namespace: metadata.namespace, name: name)
  }

  package static func < (a: Self, b: Self) -> Bool {
    (a.created, a.id.name, a.id.namespace) < (b.created, b.id.name, b.id.namespace)
  }
}
