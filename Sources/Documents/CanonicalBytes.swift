/// Trees as bytes that no other tree has, whatever the order of keys and wherever they stood: every part
/// begins with its kind, and says how long it is where that is not clear. Kept and used for many trees, it
/// keeps its memory.
package struct CanonicalBytes {
  package private(set) var bytes: [UInt8] = []
  /// Keys of the tape's mappings that are being written, as they come by name.
  private var order: [Int] = []
  /// What most trees come to.
  private static let usual = 4096

  package init() { bytes.reserveCapacity(CanonicalBytes.usual) }

  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  private enum Mark: UInt8 {
    case null, no, yes, integer, number, string, sequence, mapping
  }

  package mutating func append(_ node: Node) {
    switch node.form {
    case .tree(let content): append(content: content)
    case .taped(let tape, let index): append(tape, index)
    }
  }

  /// A mapping without its entries of these names; what is no mapping as it is.
  package mutating func append(_ node: Node, without names: [FieldName]) {
    switch node.form {
    case .tree(.mapping(let entries)):
      append(
        content: .mapping(entries.filter { entry in !names.contains { $0.text == entry.key } }))
    case .taped(let tape, let index) where tape.kind(index) == .mapping:
      let first = order.count
      tape.visitMembers(index) { key in
        guard !tape.withBytes(key, { text in names.contains { $0.isEqual(to: text) } }) else {
          return
        }
        order.append(key)
      }
      appendMapping(from: first, tape)
    case .tree, .taped: append(node)
    }
  }

  /// The list of these values; nil is null.
  package mutating func append(list nodes: [Node?]) {
    append(.sequence, UInt64(nodes.count))
    for node in nodes {
      if let node { append(node) } else { append(.null) }
    }
  }

  private mutating func append(content: Node.Content) {
    switch content {
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

  private mutating func append(_ tape: Tape, _ index: Int) {
    switch tape.kind(index) {
    case .null, .no, .yes, .integer, .number: append(content: tape.content(index))
    case .string: tape.withBytes(index) { $0.append(to: &bytes, behind: Mark.string.rawValue) }
    case .sequence:
      append(.sequence, UInt64(tape.count(index)))
      tape.visitMembers(index) { append(tape, $0) }
    case .mapping:
      let first = order.count
      tape.visitMembers(index) { order.append($0) }
      appendMapping(from: first, tape)
    }
  }

  /// The mapping of the keys from there on.
  private mutating func appendMapping(from first: Int, _ tape: Tape) {
    append(.mapping, UInt64(order.count - first))
    sort(from: first, tape)
    for place in first..<order.count {
      tape.withBytes(order[place]) { $0.append(to: &bytes, behind: nil) }
      append(tape, order[place] + 1)
    }
    order.removeLast(order.count - first)
  }

  /// Sorts the keys from there on. A tape's texts are ASCII: their order is that of their bytes.
  private mutating func sort(from first: Int, _ tape: Tape) {
    guard order.count - first <= CanonicalBytes.few else {
      return order[first...].sort { tape.isText($0, before: $1) }
    }
    for end in (first..<order.count).dropFirst() {
      var place = end
      while place > first, tape.isText(order[place], before: order[place - 1]) {
        order.swapAt(place, place - 1)
        place -= 1
      }
    }
  }

  /// So many are sorted fastest as they are put in.
  private static let few = 16

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
