internal import Diagnostics

extension JSONTape {
  /// The tree of a text without positions as it lies on a ``Tape``; nil for what is refused, and for what
  /// a tape does not hold: texts that are not ASCII, fractions, mappings of very many keys. Call once.
  /// It has about so many values.
  mutating func tapedRoot(expected: Int) -> (root: Node, count: Int)? {
    var writer = TapeWriter(expected: expected)
    append(selection, depth: 0, to: &writer)
    guard !isRefused, writer.isWhole else { return nil }
    writer.placeNumbers()
    let text = text(upTo: writer.end, adding: writer.digits)
    return (Tape(writer.items, of: text).node(0), writer.items.count)
  }

  private mutating func append(
    _ selection: FieldSelection, depth: Int, to writer: inout TapeWriter
  ) {
    let word = nextWord()
    switch UInt8(word >> 56) {
    case UInt8(ascii: "{"): appendMapping(selection, depth: depth + 1, to: &writer)
    case UInt8(ascii: "["): appendSequence(selection, depth: depth + 1, to: &writer)
    case UInt8(ascii: "\""): appendText(word, to: &writer)
    case UInt8(ascii: "l"): writer.append(Int64(bitPattern: nextWord()))
    case UInt8(ascii: "u"), UInt8(ascii: "d"): writer.giveUp()
    case UInt8(ascii: "t"): writer.append(.yes)
    case UInt8(ascii: "f"): writer.append(.no)
    default: writer.append(.null)
    }
  }

  private func appendText(_ word: UInt64, to writer: inout TapeWriter) {
    let text = unsafe TextBytes(bytes(word))
    guard text.count <= limits.scalarBytes, text.isASCII else { return writer.giveUp() }
    writer.append(textAt: place(word), size: text.count)
  }

  private mutating func appendMapping(
    _ selection: FieldSelection, depth: Int, to writer: inout TapeWriter
  ) {
    let start = writer.begin()
    var count = 0
    while depth <= limits.nesting, writer.isWhole, !isAt("}") {
      let word = nextWord()
      guard let below = selected(word, selection) else {
        skip()
        continue
      }
      let key = writer.items.count
      appendText(word, to: &writer)
      guard writer.isWhole, isFirst(key, in: start, count: count, of: writer.items) else {
        return writer.giveUp()
      }
      append(below, depth: depth, to: &writer)
      count += 1
    }
    guard depth <= limits.nesting, writer.isWhole else { return writer.giveUp() }
    goOn()
    writer.end(.mapping, start, count: count)
  }

  /// Whether no key of the mapping before this one is the same; false, too, where there are too many.
  private func isFirst(
    _ key: Int, in mapping: Int, count: Int, of items: [Tape.Item]
  ) -> Bool {
    guard count < TapeWriter.mostKeys else { return false }
    let size = items[key].size
    var other = mapping + 1
    while other < key {
      if items[other].size == size,
        unsafe TextBytes(bytes(items[other])) == TextBytes(bytes(items[key]))
      {
        return false
      }
      other = items[other + 1].isCollection ? items[other + 1].size : other + 2
    }
    return true
  }

  private func bytes(_ item: Tape.Item) -> UnsafeBufferPointer<UInt8> {
    unsafe bytes(at: Int(item.start), count: item.size)
  }

  private mutating func appendSequence(
    _ selection: FieldSelection, depth: Int, to writer: inout TapeWriter
  ) {
    let start = writer.begin()
    var count = 0
    while depth <= limits.nesting, writer.isWhole, !isAt("]") {
      append(selection, depth: depth, to: &writer)
      count += 1
    }
    guard depth <= limits.nesting, writer.isWhole else { return writer.giveUp() }
    goOn()
    writer.end(.sequence, start, count: count)
  }
}

/// Writes values behind one another. Texts stay where they are until all of them are copied at once, with
/// what is between them.
private struct TapeWriter {
  private(set) var items: [Tape.Item] = []
  /// Where the last text ends.
  private(set) var end = 0
  /// Of the numbers, which come behind the texts.
  private(set) var digits: [UInt8] = []
  private var numbers: [Int] = []
  /// False where something cannot be written.
  private(set) var isWhole = true

  /// Keys of one mapping that are told apart by looking through them.
  static let mostKeys = 64

  init(expected: Int) { items.reserveCapacity(expected) }

  mutating func giveUp() { isWhole = false }

  mutating func append(_ kind: Tape.Kind) {
    items.append(Tape.Item(kind, at: .unknown, start: 0, size: 0))
  }

  mutating func append(_ value: Int64) {
    let text = String(value).utf8
    numbers.append(items.count)
    items.append(Tape.Item(.integer, at: .unknown, start: digits.count, size: text.count))
    digits.append(contentsOf: text)
  }

  mutating func append(textAt start: Int, size: Int) {
    items.append(Tape.Item(.string, at: .unknown, start: start, size: size))
    end = max(end, start + size)
  }

  /// Where a collection begins that is ended later.
  mutating func begin() -> Int {
    append(.null)
    return items.count - 1
  }

  mutating func end(_ kind: Tape.Kind, _ start: Int, count: Int) {
    items[start] = Tape.Item(kind, at: .unknown, start: count, size: items.count)
  }

  /// Numbers have their place behind the texts from now on.
  mutating func placeNumbers() {
    for number in numbers {
      let item = items[number]
      items[number] = Tape.Item(
        .integer, at: .unknown, start: end + Int(item.start), size: item.size)
    }
    numbers = []
  }
}
