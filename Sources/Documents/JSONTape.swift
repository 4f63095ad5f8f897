internal import Diagnostics

/// Walks the tape simdjson 3 leaves (doc/tape.md): a word for each value, its type in the top byte; for
/// a number the value in the next word; for a string where it stands among the strings; for a mapping
/// or sequence the number of entries. The only code that knows this layout.
@safe struct JSONTape {
  private let tape: UnsafePointer<UInt64>
  private let strings: UnsafePointer<UInt8>
  private var positions: JSONPositions?
  private let file: String
  let limits: DocumentLimits
  let selection: FieldSelection
  /// Nil where no text may be kept longer than its node.
  private let recurring: RecurringTexts?
  /// Word 0 is the root's, pointing at the end.
  private var index = 1
  private var problem: Diagnostic? { didSet { isRefused = true } }
  /// Asked at every value, where a look at the problem itself would cost more than the value.
  private(set) var isRefused = false

  init(
    tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, positions: JSONPositions?,
    file: String, limits: DocumentLimits, selection: FieldSelection = .all,
    recurring: RecurringTexts? = nil
  ) {
    precondition(
      positions == nil || selection == .all, "what is left out has positions that are not told")
    self.selection = selection
    self.recurring = recurring
    unsafe self.tape = tape
    unsafe self.strings = strings
    self.positions = positions
    self.file = file
    self.limits = limits
  }

  /// The tree of the text. Call once.
  mutating func root() -> JSONReader.Outcome {
    let node = value(selection, depth: 0)
    return problem.map { .refused($0) } ?? .tree(node)
  }

  private mutating func value(_ selection: FieldSelection, depth: Int) -> Node {
    let position = nextPosition()
    let word = unsafe tape[index]
    index += 1
    switch UInt8(word >> 56) {
    case UInt8(ascii: "{"):
      return Node(mapping(selection, depth: depth + 1, count(word), at: position), at: position)
    case UInt8(ascii: "["):
      return Node(sequence(selection, depth: depth + 1, count(word), at: position), at: position)
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

  func isAt(_ bracket: Unicode.Scalar) -> Bool {
    unsafe UInt8(tape[index] >> 56) == UInt8(ascii: bracket)
  }

  /// Behind the end of a collection.
  mutating func goOn() { index += 1 }

  mutating func nextWord() -> UInt64 {
    defer { index += 1 }
    return unsafe tape[index]
  }

  private mutating func mapping(
    _ selection: FieldSelection, depth: Int, _ count: Int, at position: Node.Position
  ) -> Node.Content {
    check(depth, at: position)
    var entries = MappingEntries(expected: selection.expected(of: count))
    while !isAt("}") && !isRefused {
      let keyPosition = nextPosition()
      let word = nextWord()
      _ = nextPosition()  // The colon.
      guard let (known, below) = select(word, selection) else {
        skip()
        continue
      }
      let key = known ?? string(word, at: keyPosition)
      let value = value(below, depth: depth)
      if let first = entries.append(key, at: keyPosition, value) {
        problem = .duplicateKey(
          key, at: keyPosition.place(in: file), first: first.place(in: file))
      }
      if !isAt("}") { _ = nextPosition() }  // The comma.
    }
    index += 1
    _ = nextPosition()
    return .mapping(entries.merged())
  }

  /// What is selected of the value of a key, and the key where it is one that was named; nil where the
  /// field is left out.
  func select(
    _ word: UInt64, _ selection: FieldSelection
  ) -> (key: String?, below: FieldSelection)? {
    switch selection {
    case .all(let others):
      let isLeftOut =
        !others.isEmpty && isAtContainer
        && others.contains { unsafe $0.isEqual(to: TextBytes(bytes(word))) }
      return isLeftOut ? nil : (nil, selection)
    case .only(let fields):
      let key = unsafe TextBytes(bytes(word))
      for index in fields.indices where fields[index].name.isEqual(to: key) {
        return (fields[index].name.text, fields[index].below)
      }
      return nil
    case .containing(let texts):
      let key = unsafe bytes(word)
      return texts.contains { unsafe $0.isPart(of: key) } ? (nil, .all) : nil
    }
  }

  /// What is selected of the value of a key; nil where the field is left out.
  func selected(_ word: UInt64, _ selection: FieldSelection) -> FieldSelection? {
    guard case .only(let fields) = selection else { return select(word, selection)?.below }
    let key = unsafe TextBytes(bytes(word))
    for index in fields.indices where fields[index].name.isEqual(to: key) {
      return fields[index].below
    }
    return nil
  }

  private var isAtContainer: Bool { isAt("{") || isAt("[") }

  /// Goes on behind the value that is next. A container's first word says where it ends, and numbers
  /// take two.
  mutating func skip() {
    let word = unsafe tape[index]
    switch UInt8(word >> 56) {
    case UInt8(ascii: "{"), UInt8(ascii: "["): index = Int(word & 0xFFFF_FFFF)
    case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index += 2
    default: index += 1
    }
  }

  private mutating func sequence(
    _ selection: FieldSelection, depth: Int, _ count: Int, at position: Node.Position
  ) -> Node.Content {
    check(depth, at: position)
    var items: [Node] = []
    items.reserveCapacity(count)
    while !isAt("]") && !isRefused {
      items.append(value(selection, depth: depth))
      if !isAt("]") { _ = nextPosition() }  // The comma.
    }
    index += 1
    _ = nextPosition()
    return .sequence(items)
  }

  private mutating func string(_ word: UInt64, at position: Node.Position) -> String {
    let bytes = unsafe bytes(word)
    if bytes.count > limits.scalarBytes {
      problem = .scalarTooLarge(
        bytes.count, limit: limits.scalarBytes, at: position.place(in: file))
    }
    return unsafe recurring?.text(TextBytes(bytes)) ?? String(decoding: bytes, as: UTF8.self)
  }

  func bytes(_ word: UInt64) -> UnsafeBufferPointer<UInt8> {
    let start = place(word)
    let length = unsafe UnsafeRawPointer(strings).loadUnaligned(
      fromByteOffset: start - 4, as: UInt32.self)
    return unsafe bytes(at: start, count: Int(length))
  }

  /// Where among the strings the bytes of one begin.
  func place(_ word: UInt64) -> Int { Int(word & 0xFF_FFFF_FFFF_FFFF) + 4 }

  func bytes(at start: Int, count: Int) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: strings + start, count: count)
  }

  /// A copy of the strings as far as to there, and of other bytes behind them.
  func text(upTo end: Int, adding others: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(end + others.count)
    unsafe text.append(contentsOf: bytes(at: 0, count: end))
    text.append(contentsOf: others)
    return text
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

extension FieldSelection {
  /// How many fields of so many there may be.
  fileprivate func expected(of count: Int) -> Int {
    switch self {
    case .all: count
    case .only(let fields): min(count, fields.count)
    case .containing: 0
    }
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
