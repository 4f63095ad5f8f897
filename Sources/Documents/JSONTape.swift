internal import Diagnostics

/// Walks the tape simdjson 3 leaves (doc/tape.md): a word for each value, its type in the top byte; for
/// a number the value in the next word; for a string where it stands among the strings; for a mapping
/// or sequence the number of entries. The only code that knows this layout.
@safe struct JSONTape {
  private let tape: UnsafePointer<UInt64>
  private let strings: UnsafePointer<UInt8>
  private var positions: JSONPositions?
  private let file: String
  private let limits: DocumentLimits
  private let leavingOut: Set<String>
  /// Word 0 is the root's, pointing at the end.
  private var index = 1
  private var problem: Diagnostic?

  init(
    tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, positions: JSONPositions?,
    file: String, limits: DocumentLimits, leavingOut: Set<String> = []
  ) {
    precondition(
      positions == nil || leavingOut.isEmpty, "what is left out has positions that are not told")
    self.leavingOut = leavingOut
    unsafe self.tape = tape
    unsafe self.strings = strings
    self.positions = positions
    self.file = file
    self.limits = limits
  }

  /// The tree of the text. Call once.
  mutating func root() -> JSONReader.Outcome {
    let node = value(depth: 0)
    return problem.map { .refused($0) } ?? .tree(node)
  }

  private mutating func value(depth: Int) -> Node {
    let position = nextPosition()
    let word = unsafe tape[index]
    index += 1
    switch UInt8(word >> 56) {
    case UInt8(ascii: "{"):
      return Node(mapping(depth: depth + 1, count(word), at: position), at: position)
    case UInt8(ascii: "["):
      return Node(sequence(depth: depth + 1, count(word), at: position), at: position)
    case UInt8(ascii: "\""):
      return Node(.string(string(word, at: position)), at: position)
    case UInt8(ascii: "l"):
      return Node(.integer(Int64(bitPattern: nextWord())), at: position)
    case UInt8(ascii: "u"):
      return Node(Node.Content(unsigned: nextWord()), at: position)
    case UInt8(ascii: "d"):
      return Node(Node.Content(number: Double(bitPattern: nextWord())), at: position)
    case UInt8(ascii: "t"): return Node(.bool(true), at: position)
    case UInt8(ascii: "f"): return Node(.bool(false), at: position)
    default: return Node(.null, at: position)
    }
  }

  /// Entries as counted on the tape, which saturates at 2^24 - 1: the end is what is trusted.
  private func count(_ word: UInt64) -> Int { Int(word >> 32 & 0xFF_FFFF) }

  private func isAtEnd(_ bracket: Unicode.Scalar) -> Bool {
    unsafe UInt8(tape[index] >> 56) == UInt8(ascii: bracket)
  }

  private mutating func nextWord() -> UInt64 {
    defer { index += 1 }
    return unsafe tape[index]
  }

  private mutating func mapping(
    depth: Int, _ count: Int, at position: Node.Position
  ) -> Node.Content {
    check(depth, at: position)
    var entries = MappingEntries(expected: count)
    while !isAtEnd("}") && problem == nil {
      let keyPosition = nextPosition()
      let key = string(nextWord(), at: keyPosition)
      _ = nextPosition()  // The colon.
      if !leavingOut.isEmpty, leavingOut.contains(key), skipContainer() { continue }
      let value = value(depth: depth)
      if let first = entries.append(key, at: keyPosition, value) {
        problem = .duplicateKey(
          key, at: keyPosition.place(in: file), first: first.place(in: file))
      }
      if !isAtEnd("}") { _ = nextPosition() }  // The comma.
    }
    index += 1
    _ = nextPosition()
    return .mapping(entries.merged())
  }

  /// Goes on behind the mapping or sequence that is next; false where something else is. Its first
  /// word says where it ends.
  private mutating func skipContainer() -> Bool {
    let word = unsafe tape[index]
    let type = UInt8(word >> 56)
    guard type == UInt8(ascii: "{") || type == UInt8(ascii: "[") else { return false }
    index = Int(word & 0xFFFF_FFFF)
    return true
  }

  private mutating func sequence(
    depth: Int, _ count: Int, at position: Node.Position
  ) -> Node.Content {
    check(depth, at: position)
    var items: [Node] = []
    items.reserveCapacity(count)
    while !isAtEnd("]") && problem == nil {
      items.append(value(depth: depth))
      if !isAtEnd("]") { _ = nextPosition() }  // The comma.
    }
    index += 1
    _ = nextPosition()
    return .sequence(items)
  }

  private mutating func string(_ word: UInt64, at position: Node.Position) -> String {
    let start = unsafe strings + Int(word & 0xFF_FFFF_FFFF_FFFF)
    let length = unsafe Int(UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
    if length > limits.scalarBytes {
      problem = .scalarTooLarge(length, limit: limits.scalarBytes, at: position.place(in: file))
    }
    let bytes = unsafe UnsafeBufferPointer(start: start + 4, count: length)
    return unsafe String(decoding: bytes, as: UTF8.self)
  }

  private mutating func check(_ depth: Int, at position: Node.Position) {
    if depth > limits.nesting {
      problem = .nestedTooDeep(limits.nesting, at: position.place(in: file))
    }
  }

  private mutating func nextPosition() -> Node.Position {
    positions?.next() ?? .unknown
  }
}

extension Node.Content {
  init(unsigned value: UInt64) {
    self = Int64(exactly: value).map { .integer($0) } ?? .number(Double(value))
  }
}

/// Lines and columns of a JSON text's structural characters: brackets, colons, commas, and where each
/// key, string, number and word begins, in the order the tape has them.
struct JSONPositions {
  private let text: [UInt8]
  private let offsets: [UInt32]
  private var index = 0
  private var offset = 0
  private var line: Int32 = 1
  private var column: Int32 = 1

  init(_ text: [UInt8], offsets: [UInt32]) {
    self.text = text
    self.offsets = offsets
  }

  mutating func next() -> Node.Position {
    guard index < offsets.count else { return .unknown }
    let target = Int(offsets[index])
    index += 1
    while offset < target {
      let byte = text[offset]
      offset += 1
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return Node.Position(line: line, column: column)
  }
}
