internal import Documents
internal import Segments

extension ContentHash {
  /// The hash of a tree: of equal trees equal, whatever the order of keys and wherever they stood.
  init(of node: Node) {
    var bytes = CanonicalBytes()
    self = bytes.hash(of: node)
  }
}

/// A tree as bytes that no other tree has: every part begins with its kind, and says how long it is where
/// that is not clear. Kept and used for many trees, it keeps its memory.
struct CanonicalBytes {
  private var bytes: [UInt8] = []
  /// What most trees come to.
  private static let usual = 4096

  init() { bytes.reserveCapacity(CanonicalBytes.usual) }

  mutating func hash(of node: Node) -> ContentHash {
    bytes.removeAll(keepingCapacity: true)
    append(node)
    return ContentHash(of: bytes)
  }

  private enum Mark: UInt8 {
    case null, no, yes, integer, number, string, sequence, mapping
  }

  private mutating func append(_ node: Node) {
    switch node.content {
    case .null: append(.null)
    case .bool(let value): append(value ? .yes : .no)
    case .integer(let value): append(.integer, UInt64(bitPattern: value))
    case .number(let value): append(.number, value.bitPattern)
    case .string(let text):
      append(.string)
      append(text)
    case .sequence(let items):
      append(.sequence, UInt64(items.count))
      for item in items { append(item) }
    case .mapping(let entries):
      append(.mapping, UInt64(entries.count))
      // An API server's are sorted already.
      if CanonicalBytes.isSorted(entries) {
        append(entries)
      } else {
        append(entries.sorted { $0.key < $1.key })
      }
    }
  }

  private mutating func append(_ entries: [Node.Entry]) {
    for entry in entries {
      append(entry.key)
      append(entry.value)
    }
  }

  private static func isSorted(_ entries: [Node.Entry]) -> Bool {
    entries.indices.dropFirst().allSatisfy { entries[$0 - 1].key < entries[$0].key }
  }

  private mutating func append(_ mark: Mark) { bytes.append(mark.rawValue) }

  private mutating func append(_ mark: Mark, _ word: UInt64) {
    append(mark)
    append(word)
  }

  /// Seven bits a byte, as protobuf writes numbers.
  private mutating func append(_ word: UInt64) {
    var rest = word
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func append(_ text: String) {
    append(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }
}
