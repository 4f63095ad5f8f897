/// A kind that is decoded to values of its own, as an API server names it.
package struct ServedKind: Hashable, Sendable {
  /// Empty for the core group.
  package let group: String
  /// Those that are read, the one to ask for first first.
  package let versions: [String]
  package let kind: Kind
  /// As it stands in URLs.
  package let plural: String

  /// All of them, in a fixed order.
  package static let all: [ServedKind] = KnownKind.servedEntries.map { key, versions, kind in
    ServedKind(group: key.group, versions: versions, kind: kind, plural: key.plural)
  }

  package var isRevisioned: Bool { KnownKind.isRevisioned(group) }
}

/// A kind that is known and not served yet: of its objects nothing counts but that they are there,
/// which is told to who wrote them.
package struct UnservedKind: Hashable, Sendable {
  package let group: String
  /// Those that are known, the one to ask for first first.
  package let versions: [String]
  package let kind: String
  /// As it stands in URLs.
  package let plural: String

  /// All of them, in a fixed order.
  package static let all: [UnservedKind] = KnownKind.unservedEntries.map { key, versions in
    UnservedKind(group: key.group, versions: versions, kind: key.kind, plural: key.plural)
  }

  package var isRevisioned: Bool { KnownKind.isRevisioned(group) }
}

extension KnownKind {
  /// Whether istiod reads only objects of its own revision: those of kinds that are not Kubernetes' own.
  fileprivate static func isRevisioned(_ group: String) -> Bool {
    group.hasSuffix(".istio.io") || group.hasPrefix("gateway.")
  }
}

extension KnownKind.Key {
  fileprivate var plural: String { Self.plural(kind.lowercased()) }

  /// As CRDs and Kubernetes itself form it, without exception among the kinds that are known.
  private static func plural(_ singular: String) -> String {
    if ["s", "x", "ch", "sh"].contains(where: singular.hasSuffix) { return singular + "es" }
    let vowelBeforeY = ["ay", "ey", "oy", "uy"].contains(where: singular.hasSuffix)
    guard singular.hasSuffix("y"), !vowelBeforeY else { return singular + "s" }
    return singular.dropLast() + "ies"
  }
}
