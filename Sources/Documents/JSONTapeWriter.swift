/// Lays what simdjson left of a text on a ``Tape``. Texts stay where they are until all of them are copied
/// at once, with what is between them.
@safe struct JSONTapeWriter {
  private var words: JSONWords
  private let table: FieldTable
  private let nesting: Int
  private let scalarBytes: Int
  /// As many as there are words, which is enough.
  private let items: UnsafeMutableBufferPointer<Tape.Item>
  private var count = 0
  /// Where the last text ends.
  private var end = 0
  /// Of the numbers, which come behind the texts.
  private var digits: [UInt8] = []
  private var numbers: [Int] = []
  /// False where something cannot be written.
  private var isWhole = true

  /// Keys of one mapping that are told apart by looking through them.
  private static let mostKeys = 64

  private init(
    _ words: JSONWords, _ table: FieldTable, limits: DocumentLimits,
    to items: UnsafeMutableBufferPointer<Tape.Item>
  ) {
    self.words = words
    self.table = table
    nesting = limits.nesting
    scalarBytes = limits.scalarBytes
    unsafe self.items = items
  }

  /// The tree of a text without positions; nil for what is refused, and for what a tape does not hold:
  /// texts that are not ASCII, fractions, mappings of very many keys.
  static func root(_ words: JSONWords, _ table: FieldTable, limits: DocumentLimits) -> Node? {
    var text: [UInt8]?
    let items = unsafe [Tape.Item](unsafeUninitializedCapacity: words.count) { items, count in
      var writer = unsafe JSONTapeWriter(words, table, limits: limits, to: items)
      writer.append(0, depth: 0)
      writer.placeNumbers()
      text = writer.isWhole ? words.text(upTo: writer.end, adding: writer.digits) : nil
      count = writer.count
    }
    return text.map { Tape(items, of: $0).node(0) }
  }

  private mutating func append(_ step: Int, depth: Int) {
    let word = words.next()
    switch UInt8(word >> 56) {
    case UInt8(ascii: "{"): appendMapping(step, depth: depth + 1)
    case UInt8(ascii: "["): appendSequence(step, depth: depth + 1)
    case UInt8(ascii: "\""): appendText(word)
    case UInt8(ascii: "l"): append(Int64(bitPattern: words.next()))
    case UInt8(ascii: "u"), UInt8(ascii: "d"): isWhole = false
    case UInt8(ascii: "t"): append(.yes)
    case UInt8(ascii: "f"): append(.no)
    default: append(.null)
    }
  }

  private mutating func append(_ item: Tape.Item) {
    unsafe items.initializeElement(at: count, to: item)
    count += 1
  }

  private mutating func append(_ kind: Tape.Kind) {
    append(Tape.Item(kind, at: .unknown, start: 0, size: 0))
  }

  private mutating func append(_ value: Int64) {
    let text = String(value).utf8
    numbers.append(count)
    append(Tape.Item(.integer, at: .unknown, start: digits.count, size: text.count))
    digits.append(contentsOf: text)
  }

  private mutating func appendText(_ word: UInt64) {
    let text = unsafe TextBytes(words.bytes(word))
    guard text.count <= scalarBytes, text.isASCII else {
      isWhole = false
      return
    }
    appendPlain(text, word)
  }

  /// A text that may stand there.
  private mutating func appendPlain(_ text: TextBytes, _ word: UInt64) {
    let start = words.place(word)
    append(Tape.Item(.string, at: .unknown, start: start, size: text.count))
    end = max(end, start + text.count)
  }

  private mutating func appendMapping(_ step: Int, depth: Int) {
    let start = begin()
    let fields = table.step(step)
    let size =
      if let count = fields.count, count <= UInt64.bitWidth {
        appendFields(fields, of: count, depth: depth)
      } else {
        appendOthers(fields, in: start, depth: depth)
      }
    end(.mapping, start, count: size, depth: depth)
  }

  /// Answers how many of the fields there are.
  private mutating func appendFields(_ fields: FieldTable.Step, of count: Int, depth: Int) -> Int {
    var (upcoming, seen, size) = (0, UInt64(0), 0)
    while depth <= nesting, isWhole, !words.isAt("}") {
      let word = words.next()
      let name = unsafe TextBytes(words.bytes(word))
      guard let (place, below) = table.find(name, in: fields, of: count, from: &upcoming) else {
        words.skip()
        continue
      }
      guard seen & 1 << UInt64(place) == 0, name.isASCII else {
        isWhole = false
        break
      }
      seen |= 1 << UInt64(place)
      appendPlain(name, word)
      append(below, depth: depth)
      size += 1
    }
    return size
  }

  /// The same of a selection that tells more than can be told apart by name, or does not name them.
  private mutating func appendOthers(_ step: FieldTable.Step, in mapping: Int, depth: Int) -> Int {
    let selection = step.count == nil ? table.other(step) : nil
    var (size, upcoming) = (0, 0)
    while depth <= nesting, isWhole, !words.isAt("}") {
      let word = words.next()
      let below: Int? =
        if let count = step.count {
          table.find(
            unsafe TextBytes(words.bytes(word)), in: step, of: count, from: &upcoming)?.below
        } else {
          selection.flatMap { words.select(word, $0) }.map { _ in step.below }
        }
      guard let below else {
        words.skip()
        continue
      }
      let key = count
      appendText(word)
      guard isWhole, isFirst(key, in: mapping, count: size) else {
        isWhole = false
        break
      }
      append(below, depth: depth)
      size += 1
    }
    return size
  }

  private mutating func appendSequence(_ step: Int, depth: Int) {
    let start = begin()
    var size = 0
    while depth <= nesting, isWhole, !words.isAt("]") {
      append(step, depth: depth)
      size += 1
    }
    end(.sequence, start, count: size, depth: depth)
  }

  /// Where a collection begins that is ended later.
  private mutating func begin() -> Int {
    append(.null)
    return count - 1
  }

  private mutating func end(_ kind: Tape.Kind, _ start: Int, count size: Int, depth: Int) {
    guard depth <= nesting, isWhole else {
      isWhole = false
      return
    }
    _ = words.next()
    unsafe items[start] = Tape.Item(kind, at: .unknown, start: size, size: count)
  }

  /// Whether no key of the mapping before this one is the same; false, too, where there are too many.
  private func isFirst(_ key: Int, in mapping: Int, count: Int) -> Bool {
    guard count < Self.mostKeys else { return false }
    let size = unsafe items[key].size
    var other = mapping + 1
    while other < key {
      if unsafe items[other].size == size, isSame(other, key) { return false }
      other = unsafe items[other + 1].isCollection ? items[other + 1].size : other + 2
    }
    return true
  }

  private func isSame(_ one: Int, _ other: Int) -> Bool {
    let (a, b) = unsafe (items[one], items[other])
    return unsafe TextBytes(words.bytes(at: Int(a.start), count: a.size))
      == TextBytes(words.bytes(at: Int(b.start), count: b.size))
  }

  /// Numbers have their place behind the texts from now on.
  private func placeNumbers() {
    for number in numbers {
      let item = unsafe items[number]
      unsafe items[number] = Tape.Item(
        .integer, at: .unknown, start: end + Int(item.start), size: item.size)
    }
  }
}
