/// Reads the YAML that nearly all of a mesh is written in, ten times as fast as libyaml: block mappings
/// and sequences, flow collections and scalars of one line, comments, ASCII.
///
/// It declines all else and whatever is wrong; libyaml reads the document then, and says what is wrong with
/// it. What is read here is what libyaml would have read, to the last position: tests hold one to the other.
///
/// What it reads it writes down for a ``Tape``; nothing is made of a text here.
@safe struct PlainYAML {
  /// Ends with a line's end, which stops whatever looks ahead.
  private let text: UnsafeBufferPointer<UInt8>
  private let count: Int
  private let nesting: Int
  private let scalarBytes: Int
  /// What was read so far.
  private(set) var items: [Tape.Item] = []
  private var offset: Int
  private var lineStart: Int
  /// Lines of the file before this one.
  private var line: Int
  /// Of the line's first character that is no space; -1 behind the last of the document.
  private var indent = 0

  /// The text is that of a file from some document's beginning on, to be there as long as this is, and
  /// ends with a line's end.
  init(_ text: UnsafeBufferPointer<UInt8>, from start: TextLines, limits: DocumentLimits) {
    precondition(unsafe text.last == .newline, "a text that is read here ends with its last line")
    unsafe self.text = unsafe text
    count = text.count
    nesting = limits.nesting
    scalarBytes = min(limits.scalarBytes, Tape.Item.mostSize)
    offset = start.offset
    lineStart = start.offset
    line = start.line
    items.reserveCapacity(min(count - offset, PlainYAML.usualBytes) / PlainYAML.bytesPerItem)
  }

  /// As much as is mostly read at once, and what an item takes of it.
  private static let usualBytes = 1 << 18
  private static let bytesPerItem = 8

  /// Where the next document begins.
  var place: TextLines { TextLines(line: line, offset: offset) }
  var isAtEnd: Bool { offset >= count }

  /// The item that the document begins with that stands here, a mapping; afterwards the next one does. Nil
  /// declines, for good.
  mutating func document() -> Int? {
    let root = items.count
    if count <= Tape.Item.mostSize, readDocument() { return root }
    items.removeLast(items.count - root)
    return nil
  }

  private mutating func readDocument() -> Bool {
    if isDocumentMark {
      offset += 3
      guard goToNextContent() else { return false }
    } else {
      guard goToContent() else { return false }
    }
    return indent == 0 && mapping(at: 0, depth: 0) && indent == -1
  }

  // MARK: Lines

  private func byte(_ ahead: Int = 0) -> UInt8 { unsafe text[offset + ahead] }

  private var position: Node.Position { position(at: offset) }

  private func position(at offset: Int) -> Node.Position {
    Node.Position(
      line: Int32(truncatingIfNeeded: line + 1),
      column: Int32(truncatingIfNeeded: offset - lineStart + 1))
  }

  private var isDocumentMark: Bool {
    byte() == .dash && byte(1) == .dash && byte(2) == .dash && byte(3).isBlank
  }

  private mutating func skipSpaces() { while byte() == .space { offset += 1 } }

  /// From the end of a value, or of what introduces one, to what the next lines begin with. False
  /// declines.
  private mutating func goToNextContent() -> Bool {
    let end = offset
    skipSpaces()
    if byte() == .hash, offset > end { guard skipComment() else { return false } }
    guard byte() == .newline else { return false }
    offset += 1
    line += 1
    return goToContent()
  }

  /// From the beginning of a line.
  private mutating func goToContent() -> Bool {
    while true {
      lineStart = offset
      guard !isAtEnd else {
        indent = -1
        return true
      }
      skipSpaces()
      if byte() == .hash { guard skipComment() else { return false } }
      if byte() == .newline {
        offset += 1
        line += 1
        continue
      }
      indent = offset - lineStart
      guard indent == 0 else { return true }
      if isDocumentMark { indent = -1 }
      return byte() != .dot
    }
  }

  private mutating func skipComment() -> Bool {
    while byte() != .newline {
      // Beyond ASCII there are other ends of lines.
      guard byte() < 0x80, byte() != .carriageReturn else { return false }
      offset += 1
    }
    return true
  }

  // MARK: Items

  private mutating func append(
    _ kind: Tape.Kind, at position: Node.Position, from start: Int, to end: Int
  ) {
    items.append(Tape.Item(kind, at: position, start: start, size: end - start))
  }

  /// A collection whose end is not known yet.
  private struct Open {
    let kind: Tape.Kind
    let position: Node.Position
    let item: Int
    var count = 0
    /// A bit for each key, which several may share.
    var keys: UInt64 = 0
    /// Filled only for mappings so large that looking through the keys would cost more.
    var names: Set<String> = []
  }

  private static let manyKeys = 16

  private mutating func open(_ kind: Tape.Kind) -> Open {
    let open = Open(kind: kind, position: position, item: items.count)
    append(kind, at: open.position, from: 0, to: 0)
    return open
  }

  private mutating func close(_ open: Open) {
    items[open.item] = Tape.Item(
      open.kind, at: open.position, start: open.count, size: items.count)
  }

  // MARK: Blocks

  /// Whether an entry of a sequence begins here.
  private var isEntry: Bool { byte() == .dash && byte(1) == .space }

  private mutating func mapping(at column: Int, depth: Int) -> Bool {
    guard depth < nesting else { return false }
    var open = open(.mapping)
    repeat {
      guard key(in: &open), value(of: column, depth: depth + 1) else { return false }
    } while indent == column
    close(open)
    return indent < column
  }

  /// The value of a key of a mapping at that column, from behind its colon on.
  private mutating func value(of column: Int, depth: Int) -> Bool {
    let end = position
    let start = offset
    skipSpaces()
    guard byte() == .newline || byte() == .hash else { return inline(in: column, depth: depth) }
    offset = start
    guard goToNextContent() else { return false }
    if indent > column {
      return isEntry
        ? sequence(at: indent, depth: depth, mayEndAtKey: false)
        : mapping(at: indent, depth: depth)
    }
    if indent == column && isEntry {
      return sequence(at: column, depth: depth, mayEndAtKey: true)
    }
    append(.null, at: end, from: 0, to: 0)
    return true
  }

  /// `mayEndAtKey`: it stands no deeper than the mapping that it is a value of.
  private mutating func sequence(at column: Int, depth: Int, mayEndAtKey: Bool) -> Bool {
    guard depth < nesting else { return false }
    var open = open(.sequence)
    while indent == column, isEntry {
      offset += 1
      skipSpaces()
      open.count += 1
      if isKey {
        indent = offset - lineStart
        guard mapping(at: indent, depth: depth + 1) else { return false }
      } else {
        guard inline(in: column, depth: depth + 1) else { return false }
      }
    }
    close(open)
    return indent < column || indent == column && mayEndAtKey
  }

  /// A value that ends with its line, in a collection at that column: were what follows deeper, it would
  /// go on there.
  private mutating func inline(in column: Int, depth: Int) -> Bool {
    let isRead =
      switch byte() {
      case .openBrace, .openBracket: flow(depth: depth)
      case .apostrophe, .quote: quoted()
      case _: plain()
      }
    return isRead && goToNextContent() && indent <= column
  }

  // MARK: Keys

  /// The end of the key that begins here, if one does that is followed by a colon and a blank.
  private var keyEnd: Int? {
    var ahead = 0
    let first = byte()
    if first == .apostrophe || first == .quote {
      repeat {
        ahead += 1
        guard byte(ahead).isQuotable else { return nil }
      } while byte(ahead) != first
      ahead += 1
    } else {
      guard first.isLetter else { return nil }
      while byte(ahead).isOfKey { ahead += 1 }
    }
    // A longer one is no key to libyaml.
    guard byte(ahead) == .colon, byte(ahead + 1).isBlank, ahead < 1000 else { return nil }
    return offset + ahead
  }

  private var isKey: Bool { keyEnd != nil }

  /// The key that begins here; afterwards what is behind its colon is next. One that stands in the mapping
  /// already is declined, and a word that is no text.
  private mutating func key(in open: inout Open) -> Bool {
    guard let end = keyEnd else { return false }
    let isPlain = byte().isLetter
    let range = isPlain ? offset..<end : offset + 1..<end - 1
    guard range.count <= scalarBytes, !isPlain || !mayBeWord(range) || isText(range),
      isFresh(range, in: &open)
    else { return false }
    append(.string, at: position, from: range.lowerBound, to: range.upperBound)
    open.count += 1
    offset = end + 1
    return true
  }

  private func isFresh(_ key: Range<Int>, in open: inout Open) -> Bool {
    let bytes = bytes(key)
    guard open.count < PlainYAML.manyKeys else {
      if open.names.isEmpty { forEachKey(of: open) { open.names.insert($0.text) } }
      return open.names.insert(bytes.text).inserted
    }
    let mark: UInt64 = 1 << (bytes.digest & 63)
    defer { open.keys |= mark }
    guard open.keys & mark != 0 else { return true }
    var isFresh = true
    forEachKey(of: open) { if $0 == bytes { isFresh = false } }
    return isFresh
  }

  /// The keys of a mapping so far.
  private func forEachKey(of open: Open, _ body: (TextBytes) -> Void) {
    var index = open.item + 1
    for _ in 0..<open.count {
      let key = items[index]
      body(bytes(Int(key.start)..<Int(key.start) + key.size))
      let value = items[index + 1]
      index = value.isCollection ? value.size : index + 2
    }
  }

  // MARK: Flow

  private mutating func flow(depth: Int) -> Bool {
    guard depth < nesting else { return false }
    let isMapping = byte() == .openBrace
    let end: UInt8 = isMapping ? .closeBrace : .closeBracket
    var open = open(isMapping ? .mapping : .sequence)
    offset += 1
    skipSpaces()
    if byte() == end {
      offset += 1
      close(open)
      return true
    }
    while true {
      skipSpaces()
      if isMapping {
        guard key(in: &open) else { return false }
        skipSpaces()
      } else {
        open.count += 1
      }
      guard flowValue(depth: depth + 1) else { return false }
      skipSpaces()
      let next = byte()
      guard next == .comma || next == end else { return false }
      offset += 1
      if next == end {
        close(open)
        return true
      }
    }
  }

  private mutating func flowValue(depth: Int) -> Bool {
    switch byte() {
    case .openBrace, .openBracket: flow(depth: depth)
    case .apostrophe, .quote: quoted()
    case _: flowPlain()
    }
  }

  // MARK: Scalars

  private mutating func quoted() -> Bool {
    let position = position
    let quote = byte()
    let start = offset + 1
    repeat {
      offset += 1
      guard byte().isQuotable else { return false }
    } while byte() != quote
    let end = offset
    offset += 1
    // Two apostrophes are one of the text.
    guard byte() != quote, end - start <= scalarBytes else { return false }
    append(.string, at: position, from: start, to: end)
    return true
  }

  private mutating func plain() -> Bool {
    guard beginsPlain else { return false }
    let start = offset
    var end = offset
    while byte() != .newline {
      let next = byte()
      guard next >= 0x20, next < 0x7F, next != .colon || !byte(1).isBlank else { return false }
      if next == .hash, offset > end { break }
      offset += 1
      if next != .space { end = offset }
    }
    offset = end
    return appendPlain(start..<end)
  }

  private mutating func flowPlain() -> Bool {
    guard beginsPlain else { return false }
    let start = offset
    var end = offset
    while byte() != .comma, byte() != .closeBrace, byte() != .closeBracket {
      let next = byte()
      guard next.isOfFlowText, next != .colon || byte(1).isOfKey else { return false }
      offset += 1
      if next != .space { end = offset }
    }
    return appendPlain(start..<end)
  }

  /// Whether a plain scalar may begin here, whatever is around it.
  private var beginsPlain: Bool {
    let first = byte()
    return first.isLetter || first.isDigit || first == .dot || first == .slash
      || first == .underscore
      || first == .tilde || (first == .dash && (byte(1).isLetter || byte(1).isDigit))
  }

  private mutating func appendPlain(_ range: Range<Int>) -> Bool {
    guard range.count <= scalarBytes else { return false }
    append(
      kind(ofPlain: range), at: position(at: range.lowerBound), from: range.lowerBound,
      to: range.upperBound)
    return true
  }

  private func kind(ofPlain range: Range<Int>) -> Tape.Kind {
    let first = unsafe text[range.lowerBound]
    if first.isLetter || first == .slash || first == .underscore {
      if !mayBeWord(range) { return .string }
    } else if let kind = kind(ofDigits: range) {
      return kind
    }
    return switch YAMLScalar.content(ofPlain: bytes(range).text) {
    case .null: .null
    case .bool(let value): value ? .yes : .no
    case .integer: .integer
    case .number: .number
    case .string: .string
    case .sequence, .mapping: preconditionFailure("a scalar is no collection")
    }
  }

  /// Of a number in digits that say nothing of a base, and of digits with several dots, as addresses have
  /// them and numbers do not; nil for all else.
  private func kind(ofDigits range: Range<Int>) -> Tape.Kind? {
    var dots = 0
    for index in range {
      let byte = unsafe text[index]
      guard byte.isDigit || byte == .dot else { return nil }
      if byte == .dot { dots += 1 }
    }
    if dots > 1 { return .string }
    let isDecimal = unsafe text[range.lowerBound] != .zero || range.count == 1
    return dots == 0 && range.count < 18 && isDecimal ? .integer : nil
  }

  /// Whether a text that begins with a letter may stand for something else: a truth value or nothing.
  private func mayBeWord(_ range: Range<Int>) -> Bool {
    guard range.count <= 5 else { return false }
    var folded: UInt64 = 0
    for index in range { folded = folded << 8 | UInt64(unsafe text[index] | 0x20) }
    return switch folded {
    // y, n, no, on, yes, off, true, null, false.
    case 0x79, 0x6E, 0x6E6F, 0x6F6E, 0x79_6573, 0x6F_6666, 0x7472_7565, 0x6E75_6C6C,
      0x66_616C_7365:
      true
    case _: false
    }
  }

  private func isText(_ range: Range<Int>) -> Bool {
    if case .string = YAMLScalar.content(ofPlain: bytes(range).text) { true } else { false }
  }

  private func bytes(_ range: Range<Int>) -> TextBytes {
    unsafe TextBytes(UnsafeBufferPointer(rebasing: text[range]))
  }
}

extension UInt8 {
  fileprivate static let newline = UInt8(ascii: "\n")
  fileprivate static let carriageReturn = UInt8(ascii: "\r")
  fileprivate static let space = UInt8(ascii: " ")
  fileprivate static let hash = UInt8(ascii: "#")
  fileprivate static let dash = UInt8(ascii: "-")
  fileprivate static let dot = UInt8(ascii: ".")
  fileprivate static let colon = UInt8(ascii: ":")
  fileprivate static let comma = UInt8(ascii: ",")
  fileprivate static let slash = UInt8(ascii: "/")
  fileprivate static let tilde = UInt8(ascii: "~")
  fileprivate static let underscore = UInt8(ascii: "_")
  fileprivate static let apostrophe = UInt8(ascii: "'")
  fileprivate static let quote = UInt8(ascii: "\"")
  fileprivate static let backslash = UInt8(ascii: "\\")
  fileprivate static let openBrace = UInt8(ascii: "{")
  fileprivate static let closeBrace = UInt8(ascii: "}")
  fileprivate static let openBracket = UInt8(ascii: "[")
  fileprivate static let closeBracket = UInt8(ascii: "]")
  fileprivate static let zero = UInt8(ascii: "0")

  fileprivate var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
  fileprivate var isDigit: Bool { self &- .zero < 10 }
  fileprivate var isBlank: Bool { self == .space || self == .newline }

  fileprivate var isOfKey: Bool {
    isLetter || isDigit || self == .dash || self == .dot || self == .slash || self == .underscore
  }

  /// Stands for itself between quotes.
  fileprivate var isQuotable: Bool { self >= 0x20 && self < 0x7F && self != .backslash }

  /// Stands for itself in a plain scalar of a flow collection.
  fileprivate var isOfFlowText: Bool {
    isOfKey || self == .space || self == .colon || self == .tilde || self == UInt8(ascii: "+")
      || self == UInt8(ascii: "=") || self == UInt8(ascii: "(") || self == UInt8(ascii: ")")
      || self == UInt8(ascii: "*") || self == UInt8(ascii: "$") || self == UInt8(ascii: ";")
  }
}
