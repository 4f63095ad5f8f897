internal import Documents
internal import Segments

extension ContentHash {
  /// The hash of a tree: of equal trees equal, whatever the order of keys and wherever they stood.
  init(of node: Node) {
    var bytes = CanonicalBytes()
    self = bytes.hash(of: node)
  }
}

extension CanonicalBytes {
  mutating func hash(of node: Node) -> ContentHash { hash { $0.append(node) } }

  /// Of what `write` appends.
  mutating func hash(_ write: (inout CanonicalBytes) -> Void) -> ContentHash {
    removeAll()
    write(&self)
    return ContentHash(of: bytes)
  }
}
