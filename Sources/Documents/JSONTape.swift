internal import Diagnostics

/// Makes a tree of what simdjson left of a text.
struct JSONTape {
  private var words: JSONWords
  private var positions: JSONPositions?
  private let file: String
  private let limits: DocumentLimits
  private let selection: FieldSelection
  /// Nil where no text may be kept longer than its node.
  private let recurring: RecurringTexts?
  private var problem: Diagnostic? { didSet { isRefused = true } }
  /// Asked at every value, where a look at the problem itself would cost more than the value.
  private var isRefused = false

  init(
    _ words: JSONWords, positions: JSONPositions?,
    file: String, limits: DocumentLimits, selection: FieldSelection = .all,
    recurring: RecurringTexts? = nil
  ) {
    precondition(
      positions == nil || selection == .all, "what is left out has positions that are not told")
    self.selection = selection
    self.recurring = recurring
    self.words = words
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
    let word = words.next()
    switch UInt8(word >> 56) {
    case UInt8(ascii: "{"):
      return Node(mapping(selection, depth: depth + 1, count(word), at: position), at: position)
    case UInt8(ascii: "["):
      return Node(sequence(selection, depth: depth + 1, count(word), at: position), at: position)
    case UInt8(ascii: "\""):
      return Node(.string(string(word, at: position)), at: position)
    case UInt8(ascii: "l"):
      return Node(.integer(Int64(bitPattern: words.next())), at: position)
    case UInt8(ascii: "u"):
      return Node(Node.Content(unsigned: words.next()), at: position)
    case UInt8(ascii: "d"):
      return Node(Node.Content(number: Double(bitPattern: words.next())), at: position)
    case UInt8(ascii: "t"): return Node(.bool(true), at: position)
    case UInt8(ascii: "f"): return Node(.bool(false), at: position)
    default: return Node(.null, at: position)
    }
  }

  /// Entries as counted on the tape, which saturates at 2^24 - 1: the end is what is trusted.
  private func count(_ word: UInt64) -> Int { Int(word >> 32 & 0xFF_FFFF) }

  private mutating func mapping(
    _ selection: FieldSelection, depth: Int, _ count: Int, at position: Node.Position
  ) -> Node.Content {
    check(depth, at: position)
    var entries = MappingEntries(expected: selection.expected(of: count))
    while !words.isAt("}") && !isRefused {
      let keyPosition = nextPosition()
      let word = words.next()
      _ = nextPosition()  // The colon.
      guard let (known, below) = words.select(word, selection) else {
        words.skip()
        continue
      }
      let key = known ?? string(word, at: keyPosition)
      let value = value(below, depth: depth)
      if let first = entries.append(key, at: keyPosition, value) {
        problem = .duplicateKey(
          key, at: keyPosition.place(in: file), first: first.place(in: file))
      }
      if !words.isAt("}") { _ = nextPosition() }  // The comma.
    }
    _ = words.next()
    _ = nextPosition()
    return .mapping(entries.merged())
  }

  private mutating func sequence(
    _ selection: FieldSelection, depth: Int, _ count: Int, at position: Node.Position
  ) -> Node.Content {
    check(depth, at: position)
    var items: [Node] = []
    items.reserveCapacity(count)
    while !words.isAt("]") && !isRefused {
      items.append(value(selection, depth: depth))
      if !words.isAt("]") { _ = nextPosition() }  // The comma.
    }
    _ = words.next()
    _ = nextPosition()
    return .sequence(items)
  }

  private mutating func string(_ word: UInt64, at position: Node.Position) -> String {
    let bytes = unsafe words.bytes(word)
    if bytes.count > limits.scalarBytes {
      problem = .scalarTooLarge(
        bytes.count, limit: limits.scalarBytes, at: position.place(in: file))
    }
    return unsafe recurring?.text(TextBytes(bytes)) ?? String(decoding: bytes, as: UTF8.self)
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
