/// Lays what simdjson left of a text on a ``Tape``. Texts stay where they are until all of them are copied
/// at once, with what is between them.
struct JSONTapeWriter {
  private var words: JSONWords
  private let nesting: Int
  private let scalarBytes: Int
  private var items: [Tape.Item] = []
  /// Where the last text ends.
  private var end = 0
  /// Of the numbers, which come behind the texts.
  private var digits: [UInt8] = []
  private var numbers: [Int] = []
  /// False where something cannot be written.
  private var isWhole = true

  /// Keys of one mapping that are told apart by looking through them.
  private static let mostKeys = 64

  /// The text has about so many values.
  init(_ words: JSONWords, limits: DocumentLimits, expected: Int) {
    self.words = words
    nesting = limits.nesting
    scalarBytes = limits.scalarBytes
    items.reserveCapacity(expected)
  }

  /// The tree of the text without positions, and how many values it has; nil for what is refused, and for
  /// what a tape does not hold: texts that are not ASCII, fractions, mappings of very many keys. Call
  /// once.
  mutating func root(_ selection: FieldSelection) -> (root: Node, count: Int)? {
    append(selection, depth: 0)
    guard isWhole else { return nil }
    placeNumbers()
    let text = words.text(upTo: end, adding: digits)
    return (Tape(items, of: text).node(0), items.count)
  }

  private mutating func append(_ selection: FieldSelection, depth: Int) {
    let word = words.next()
    switch UInt8(word >> 56) {
    case UInt8(ascii: "{"): appendMapping(selection, depth: depth + 1)
    case UInt8(ascii: "["): appendSequence(selection, depth: depth + 1)
    case UInt8(ascii: "\""): appendText(word)
    case UInt8(ascii: "l"): append(Int64(bitPattern: words.next()))
    case UInt8(ascii: "u"), UInt8(ascii: "d"): isWhole = false
    case UInt8(ascii: "t"): append(.yes)
    case UInt8(ascii: "f"): append(.no)
    default: append(.null)
    }
  }

  private mutating func append(_ kind: Tape.Kind) {
    items.append(Tape.Item(kind, at: .unknown, start: 0, size: 0))
  }

  private mutating func append(_ value: Int64) {
    let text = String(value).utf8
    numbers.append(items.count)
    items.append(Tape.Item(.integer, at: .unknown, start: digits.count, size: text.count))
    digits.append(contentsOf: text)
  }

  private mutating func appendText(_ word: UInt64) {
    let text = unsafe TextBytes(words.bytes(word))
    guard text.count <= scalarBytes, text.isASCII else {
      isWhole = false
      return
    }
    let start = words.place(word)
    items.append(Tape.Item(.string, at: .unknown, start: start, size: text.count))
    end = max(end, start + text.count)
  }

  private mutating func appendMapping(_ selection: FieldSelection, depth: Int) {
    let start = begin()
    var count = 0
    while depth <= nesting, isWhole, !words.isAt("}") {
      let word = words.next()
      guard let below = words.selected(word, selection) else {
        words.skip()
        continue
      }
      let key = items.count
      appendText(word)
      guard isWhole, isFirst(key, in: start, count: count) else {
        isWhole = false
        return
      }
      append(below, depth: depth)
      count += 1
    }
    end(.mapping, start, count: count, depth: depth)
  }

  private mutating func appendSequence(_ selection: FieldSelection, depth: Int) {
    let start = begin()
    var count = 0
    while depth <= nesting, isWhole, !words.isAt("]") {
      append(selection, depth: depth)
      count += 1
    }
    end(.sequence, start, count: count, depth: depth)
  }

  /// Where a collection begins that is ended later.
  private mutating func begin() -> Int {
    append(.null)
    return items.count - 1
  }

  private mutating func end(_ kind: Tape.Kind, _ start: Int, count: Int, depth: Int) {
    guard depth <= nesting, isWhole else {
      isWhole = false
      return
    }
    _ = words.next()
    items[start] = Tape.Item(kind, at: .unknown, start: count, size: items.count)
  }

  /// Whether no key of the mapping before this one is the same; false, too, where there are too many.
  private func isFirst(_ key: Int, in mapping: Int, count: Int) -> Bool {
    guard count < Self.mostKeys else { return false }
    let size = items[key].size
    var other = mapping + 1
    while other < key {
      if items[other].size == size, isSame(other, key) { return false }
      other = items[other + 1].isCollection ? items[other + 1].size : other + 2
    }
    return true
  }

  private func isSame(_ one: Int, _ other: Int) -> Bool {
    let (a, b) = (items[one], items[other])
    return unsafe TextBytes(words.bytes(at: Int(a.start), count: a.size))
      == TextBytes(words.bytes(at: Int(b.start), count: b.size))
  }

  /// Numbers have their place behind the texts from now on.
  private mutating func placeNumbers() {
    for number in numbers {
      let item = items[number]
      items[number] = Tape.Item(
        .integer, at: .unknown, start: end + Int(item.start), size: item.size)
    }
  }
}
