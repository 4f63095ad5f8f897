internal import Diagnostics

extension JSONTape {
  /// The tree of a text without positions as it lies on a ``Tape``; nil for what is refused, and for what
  /// a tape does not hold: texts that are not ASCII, fractions, mappings of very many keys. Call once.
  mutating func tapedRoot() -> Node? {
    var writer = TapeWriter()
    append(selection, depth: 0, to: &writer)
    guard !isRefused, writer.isWhole else { return nil }
    return Tape(writer.items, of: writer.text).node(0)
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
    let bytes = unsafe bytes(word)
    guard bytes.count <= limits.scalarBytes else { return writer.giveUp() }
    unsafe writer.append(bytes)
  }

  private mutating func appendMapping(
    _ selection: FieldSelection, depth: Int, to writer: inout TapeWriter
  ) {
    let start = writer.begin()
    var count = 0
    while depth <= limits.nesting, writer.isWhole, !isAt("}") {
      let word = nextWord()
      guard let (_, below) = select(word, selection) else {
        skip()
        continue
      }
      let key = writer.items.count
      appendText(word, to: &writer)
      guard writer.isWhole, writer.isFirst(key, in: start, count: count) else {
        return writer.giveUp()
      }
      append(below, depth: depth, to: &writer)
      count += 1
    }
    guard depth <= limits.nesting, writer.isWhole else { return writer.giveUp() }
    goOn()
    writer.end(.mapping, start, count: count)
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

/// Writes values behind one another.
private struct TapeWriter {
  private(set) var items: [Tape.Item] = []
  private(set) var text: [UInt8] = []
  /// False where something cannot be written.
  private(set) var isWhole = true

  /// Keys of one mapping that are told apart by looking through them.
  private static let mostKeys = 64

  mutating func giveUp() { isWhole = false }

  mutating func append(_ kind: Tape.Kind) {
    items.append(Tape.Item(kind, at: .unknown, start: text.count, size: 0))
  }

  mutating func append(_ value: Int64) {
    let digits = String(value).utf8
    items.append(Tape.Item(.integer, at: .unknown, start: text.count, size: digits.count))
    text.append(contentsOf: digits)
  }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard unsafe bytes.allSatisfy({ $0 < 0x80 }) else { return giveUp() }
    items.append(Tape.Item(.string, at: .unknown, start: text.count, size: bytes.count))
    unsafe text.append(contentsOf: bytes)
  }

  /// Where a collection begins that is ended later.
  mutating func begin() -> Int {
    append(.null)
    return items.count - 1
  }

  mutating func end(_ kind: Tape.Kind, _ start: Int, count: Int) {
    items[start] = Tape.Item(kind, at: .unknown, start: count, size: items.count)
  }

  /// Whether no key of the mapping before this one is the same; false, too, where there are too many.
  func isFirst(_ key: Int, in mapping: Int, count: Int) -> Bool {
    guard count < Self.mostKeys else { return false }
    var other = mapping + 1
    while other < key {
      if isSame(other, key) { return false }
      other = items[other + 1].isCollection ? items[other + 1].size : other + 2
    }
    return true
  }

  private func isSame(_ one: Int, _ other: Int) -> Bool {
    let (a, b) = (items[one], items[other])
    guard a.size == b.size else { return false }
    return text[Int(a.start)..<Int(a.start) + a.size]
      .elementsEqual(text[Int(b.start)..<Int(b.start) + b.size])
  }
}
