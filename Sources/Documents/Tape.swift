/// Values of a text in the text's order, each a few words that say what it is and where it stands: trees
/// in two pieces of memory, however many values they have. Texts are made of them when they are asked
/// for.
final class Tape: Sendable {
  enum Kind: UInt8 {
    case null, no, yes, integer, number, string, sequence, mapping
  }

  /// A value, or the key that stands before one. What is in a collection follows it.
  struct Item {
    let line: Int32
    let column: Int32
    /// Of a scalar, where its text begins; of a collection, how many values or entries it has.
    let start: UInt32
    private let sizeAndKind: UInt32

    static let mostSize = 1 << 28 - 1

    /// `size`: of a scalar, the bytes of its text; of a collection, the number of the item behind it.
    init(_ kind: Kind, at position: Node.Position, start: Int, size: Int) {
      line = position.line
      column = position.column
      self.start = UInt32(truncatingIfNeeded: start)
      sizeAndKind = UInt32(truncatingIfNeeded: size) << 4 | UInt32(kind.rawValue)
    }

    var size: Int { Int(sizeAndKind >> 4) }
    var kind: Kind { Kind(rawValue: UInt8(sizeAndKind & 15)) ?? .null }
    var isCollection: Bool { sizeAndKind & 15 >= UInt32(Kind.sequence.rawValue) }
    var position: Node.Position { Node.Position(line: line, column: column) }
  }

  private let items: [Item]
  private let text: [UInt8]

  init(_ items: [Item], of text: [UInt8]) {
    self.items = items
    self.text = text
  }

  /// The tree that begins with that item.
  func node(_ index: Int) -> Node { Node(self, index, at: items[index].position) }

  func kind(_ index: Int) -> Kind { items[index].kind }

  /// How many values or entries a collection has.
  func count(_ index: Int) -> Int { Int(items[index].start) }

  /// What comes behind a value, all that is in it passed over.
  func behind(_ index: Int) -> Int { items[index].isCollection ? items[index].size : index + 1 }

  func text(_ index: Int, sharing texts: RecurringTexts? = nil) -> String {
    withBytes(index) { texts?.text($0) ?? $0.text }
  }

  func withBytes<Result>(_ index: Int, _ body: (TextBytes) -> Result) -> Result {
    let item = items[index]
    let start = Int(item.start)
    return unsafe text.withUnsafeBufferPointer { text in
      body(unsafe TextBytes(UnsafeBufferPointer(rebasing: text[start..<start + item.size])))
    }
  }

  /// Whether the text of one item comes before that of another in the order of their bytes.
  func isText(_ index: Int, before other: Int) -> Bool {
    withBytes(index) { bytes in withBytes(other) { bytes.isBefore($0) } }
  }

  /// The value itself, and of a collection what is in it, one level down.
  func content(_ index: Int) -> Node.Content {
    switch items[index].kind {
    case .null: .null
    case .no: .bool(false)
    case .yes: .bool(true)
    case .integer: digits(index).map { .integer($0) } ?? YAMLScalar.content(ofPlain: text(index))
    case .number: YAMLScalar.content(ofPlain: text(index))
    case .string: .string(text(index))
    case .sequence: .sequence(members(index).map { node($0) })
    case .mapping: .mapping(members(index).map { entry($0) })
    }
  }

  /// The value of decimal digits; nil for a number that is written otherwise.
  private func digits(_ index: Int) -> Int64? {
    let item = items[index]
    let range = Int(item.start)..<Int(item.start) + item.size
    guard range.count < 18, text[range.lowerBound] != UInt8(ascii: "0") else { return nil }
    var number: Int64 = 0
    for offset in range {
      let digit = text[offset] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      number = number * 10 + Int64(digit)
    }
    return number
  }

  /// The entry whose key that item is.
  func entry(_ key: Int, sharing texts: RecurringTexts? = nil) -> Node.Entry {
    Node.Entry(
      key: text(key, sharing: texts), keyPosition: items[key].position, value: node(key + 1))
  }

  /// ``members(_:)`` without a list of them.
  @inline(__always)
  func visitMembers(_ index: Int, _ body: (Int) -> Void) {
    let isMapping = items[index].kind == .mapping
    let end = items[index].size
    var member = index + 1
    while member < end {
      body(member)
      member = behind(isMapping ? member + 1 : member)
    }
  }

  /// A collection's values, or the keys of its entries.
  func members(_ index: Int) -> Members { Members(self, of: index) }

  /// The number among the entries of a mapping of the one with the key, and its item.
  func find(_ name: TextBytes, in mapping: Int) -> (number: Int, key: Int)? {
    let end = items[mapping].size
    var (index, number) = (mapping + 1, 0)
    while index < end {
      if items[index].size == name.count, withBytes(index, { $0 == name }) {
        return (number, index)
      }
      index = behind(index + 1)
      number += 1
    }
    return nil
  }

  /// See ``Node/fingerprint(leavingOut:)``.
  func fingerprint(_ index: Int, leavingOut names: [FieldName]) -> UInt64 {
    var hash = Fingerprint()
    if names.isEmpty || kind(index) != .mapping {
      combine(index..<behind(index), into: &hash)
    } else {
      for key in members(index)
      where !names.contains(where: { name in withBytes(key) { name.isEqual(to: $0) } }) {
        combine(key..<behind(key + 1), into: &hash)
      }
    }
    return hash.value
  }

  /// The kinds of the items, and the text from the first of theirs to the last in one piece.
  private func combine(_ range: Range<Int>, into hash: inout Fingerprint) {
    var (kinds, begin, end): (UInt64, Int, Int) = (1, .max, 0)
    for index in range {
      let item = items[index]
      kinds = kinds << 4 | UInt64(item.kind.rawValue)
      // The 1 before them has come to the top.
      if kinds >> 60 != 0 {
        hash.add(kinds)
        kinds = 1
      }
      switch item.kind {
      case .null, .no, .yes: break
      case .sequence, .mapping: hash.add(UInt64(item.start))
      case .integer, .number:
        combine(textFrom: Int(item.start), to: Int(item.start) + item.size, into: &hash)
      case .string:
        if end == 0 { hash.add(UInt64(item.size)) }
        begin = min(begin, Int(item.start))
        end = max(end, Int(item.start) + item.size)
      }
    }
    hash.add(kinds)
    if begin < end { combine(textFrom: begin, to: end, into: &hash) }
  }

  private func combine(textFrom begin: Int, to end: Int, into hash: inout Fingerprint) {
    unsafe text.withUnsafeBytes {
      unsafe hash.add(UnsafeRawBufferPointer(rebasing: $0[begin..<end]))
    }
  }

  struct Members: Sequence, IteratorProtocol {
    private let tape: Tape
    private var upcoming: Int
    private let end: Int
    private let isMapping: Bool
    let underestimatedCount: Int

    fileprivate init(_ tape: Tape, of collection: Int) {
      self.tape = tape
      upcoming = collection + 1
      end = tape.items[collection].size
      isMapping = tape.items[collection].kind == .mapping
      underestimatedCount = tape.count(collection)
    }

    mutating func next() -> Int? {
      guard upcoming < end else { return nil }
      defer { upcoming = tape.behind(isMapping ? upcoming + 1 : upcoming) }
      return upcoming
    }
  }
}
