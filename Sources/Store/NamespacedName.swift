/// What tells two objects of one kind apart.
package struct NamespacedName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Empty for cluster-wide kinds.
  package let namespace: String
  package let name: String

  package init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// `namespace/name`.
  package var description: String { "\(namespace)/\(name)" }

  package static func < (a: Self, b: Self) -> Bool {
    (a.namespace, a.name) < (b.namespace, b.name)
  }
}
