/// Two texts as one word that is hashed once: what names are made of that many keys hold.
package final class TextPair: Hashable, Comparable, Sendable {
  package let first: String
  package let second: String
  /// Of both texts.
  package let digest: Int

  package init(_ first: String, _ second: String) {
    self.first = first
    self.second = second
    var hasher = Hasher()
    hasher.combine(first)
    hasher.combine(second)
    digest = hasher.finalize()
  }

  package static func == (a: TextPair, b: TextPair) -> Bool {
    a === b || (a.digest == b.digest && a.second == b.second && a.first == b.first)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  package static func < (a: TextPair, b: TextPair) -> Bool {
    (a.first, a.second) < (b.first, b.second)
  }
}
