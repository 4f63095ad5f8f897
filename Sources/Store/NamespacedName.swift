internal import Incremental
package import Resources

/// What tells two objects of one kind apart.
///
/// Graphs are full of such names, as keys, members and in keys of others: one word each to copy, hashed
/// once.
package struct NamespacedName: Digested, Comparable, Sendable, CustomStringConvertible {
  private let texts: TextPair

  /// Empty for cluster-wide kinds.
  package var namespace: String { texts.first }
  package var name: String { texts.second }

  package init(namespace: String, name: String) { texts = TextPair(namespace, name) }

  /// The object's own, which takes no memory more.
  package init(_ metadata: ObjectMeta) { texts = metadata.texts }

  package var digest: UInt64 { UInt64(truncatingIfNeeded: texts.digest) }

  /// `namespace/name`.
  package var description: String { "\(namespace)/\(name)" }

  package static func < (a: Self, b: Self) -> Bool { a.texts < b.texts }
}
