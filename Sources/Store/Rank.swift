package import Resources

/// An object's place among its kind where the first one wins: creation time, then name, then
/// namespace, as istiod sorts (`sortConfigByCreationTime`).
///
/// An object without creation time counts as the earliest, but for Istio's own kinds from files:
/// istiod's store gives those the time they are read, so they come last, in the order of the files.
package struct Rank: Hashable, Comparable, Sendable {
  private let created: Int64
  private let order: FileOrder?
  package let id: NamespacedName

  /// `name` where the order goes by another than the object's own: a service's by its host.
  package init(_ metadata: ObjectMeta, name: String? = nil) {
    let time = metadata.creationTimestamp?.secondsSince1970
    created = time ?? (metadata.fileOrder == nil ? .min : .max)
    order = time == nil ? metadata.fileOrder : nil
    id =
      name.map { NamespacedName(namespace: metadata.namespace, name: $0) }
      ?? NamespacedName(metadata)
  }

  package static func < (a: Self, b: Self) -> Bool {
    if a.created != b.created { return a.created < b.created }
    if let mine = a.order, let theirs = b.order {
      if mine.file != theirs.file { return mine.file < theirs.file }
      if mine.number != theirs.number { return mine.number < theirs.number }
    }
    return (a.id.name, a.id.namespace) < (b.id.name, b.id.namespace)
  }
}
