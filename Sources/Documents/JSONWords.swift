/// The words simdjson 3 leaves of a text (doc/tape.md): one for each value, its type in the top byte; for
/// a number the value in the next word; for a string where it stands among the strings; for a mapping
/// or sequence the number of entries. The only code that knows this layout.
@safe struct JSONWords {
  private let tape: UnsafePointer<UInt64>
  private let strings: UnsafePointer<UInt8>
  /// Word 0 is the root's, pointing at the end.
  private var index = 1

  init(_ tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>) {
    unsafe self.tape = tape
    unsafe self.strings = strings
  }

  /// How many words there are, of which a value has one at least.
  var count: Int { unsafe Int(tape[0] & 0xFF_FFFF_FFFF_FFFF) }

  func isAt(_ bracket: Unicode.Scalar) -> Bool {
    unsafe UInt8(tape[index] >> 56) == UInt8(ascii: bracket)
  }

  private var isAtContainer: Bool { isAt("{") || isAt("[") }

  mutating func next() -> UInt64 {
    defer { index += 1 }
    return unsafe tape[index]
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
      return place(of: word, in: fields).map { (fields[$0].name.text, fields[$0].below) }
    case .containing(let texts):
      let key = unsafe bytes(word)
      return texts.contains { unsafe $0.isPart(of: key) } ? (nil, .all) : nil
    }
  }

  private func place(of key: UInt64, in fields: [FieldSelection.Field]) -> Int? {
    let key = unsafe TextBytes(bytes(key))
    return fields.firstIndex { $0.name.isEqual(to: key) }
  }

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
}
