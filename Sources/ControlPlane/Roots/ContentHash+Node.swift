internal import Documents
internal import Segments

extension ContentHash {
  /// The hash of a tree: of equal trees equal, whatever the order of keys and wherever they stood.
  init(of node: Node) {
    var bytes = CanonicalBytes()
    bytes.append(node)
    self.init(of: bytes.bytes)
  }
}

/// A tree as bytes that no other tree has. Every part begins with its kind, and says how long it is
/// where that is not clear.
private struct CanonicalBytes {
  private(set) var bytes: [UInt8] = []

  private enum Mark: UInt8 {
    case null, no, yes, integer, number, string, sequence, mapping
  }

  mutating func append(_ node: Node) {
    switch node.content {
    case .null: append(.null)
    case .bool(let value): append(value ? .yes : .no)
    case .integer(let value): append(.integer, UInt64(bitPattern: value))
    case .number(let value): append(.number, value.bitPattern)
    case .string(let text): append(text)
    case .sequence(let items):
      append(.sequence, UInt64(items.count))
      for item in items { append(item) }
    case .mapping(let entries):
      append(.mapping, UInt64(entries.count))
      // An API server's are sorted already.
      for entry in CanonicalBytes.isSorted(entries)
        ? entries : entries.sorted(by: { $0.key < $1.key })
      {
        append(entry.key)
        append(entry.value)
      }
    }
  }

  private static func isSorted(_ entries: [Node.Entry]) -> Bool {
    zip(entries, entries.dropFirst()).allSatisfy { $0.key < $1.key }
  }

  private mutating func append(_ mark: Mark) { bytes.append(mark.rawValue) }

  private mutating func append(_ mark: Mark, _ word: UInt64) {
    bytes.append(mark.rawValue)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
    }
  }

  private mutating func append(_ text: String) {
    append(.string, UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }
}
