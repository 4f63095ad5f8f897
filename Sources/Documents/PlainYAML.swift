/// Reads the YAML that nearly all of a mesh is written in, several times as fast as libyaml: block mappings
/// and sequences, flow collections and scalars of one line, comments, ASCII.
///
/// It declines all else and whatever is wrong; libyaml reads the document then, and says what is wrong with
/// it. What is read here is what libyaml would have read, to the last position: tests hold one to the other.
@safe struct PlainYAML {
  private let text: UnsafeBufferPointer<UInt8>
  private let count: Int
  private let limits: DocumentLimits
  /// Nil where too few texts are read for many to come again.
  private let texts: RecurringTexts?
  private var offset: Int
  private var lineStart: Int
  /// Lines of the file before this one.
  private var line: Int
  /// Of the line's first character that is no space; -1 behind the last of the document.
  private var indent = 0

  /// The text is that of a file from some document's beginning on, to be there as long as this is.
  init(
    _ text: UnsafeBufferPointer<UInt8>, from start: TextLines, limits: DocumentLimits,
    sharing texts: RecurringTexts? = nil
  ) {
    unsafe self.text = unsafe text
    count = text.count
    self.limits = limits
    self.texts = texts
    offset = start.offset
    lineStart = start.offset
    line = start.line
  }

  /// Where the next document begins.
  var place: TextLines { TextLines(line: line, offset: offset) }
  var isAtEnd: Bool { offset >= count }

  /// The document that begins here, a mapping; afterwards the next one does. Nil declines, for good.
  mutating func document() -> Node? {
    if isDocumentMark {
      offset += 3
      guard goToNextContent() else { return nil }
    } else {
      guard goToContent() else { return nil }
    }
    guard indent == 0, let root = mapping(at: 0, depth: 0), indent == -1 else { return nil }
    return root
  }

  // MARK: Lines

  /// A line's end stands for that of the text.
  private func byte(_ ahead: Int = 0) -> UInt8 {
    offset + ahead < count ? unsafe text[offset + ahead] : .newline
  }

  private var position: Node.Position {
    Node.Position(
      line: Int32(clamping: line + 1), column: Int32(clamping: offset - lineStart + 1))
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
    guard !isAtEnd else { return goToContent() }
    offset += 1
    line += 1
    return goToContent()
  }

  /// From the beginning of a line.
  private mutating func goToContent() -> Bool {
    while true {
      lineStart = offset
      skipSpaces()
      guard !isAtEnd else {
        indent = -1
        return true
      }
      if byte() == .hash {
        guard skipComment() else { return false }
        guard !isAtEnd else { continue }
      }
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

  // MARK: Blocks

  /// Whether an entry of a sequence begins here.
  private var isEntry: Bool { byte() == .dash && byte(1) == .space }

  private mutating func mapping(at column: Int, depth: Int) -> Node? {
    guard depth < limits.nesting else { return nil }
    let start = position
    var entries = MappingEntries()
    repeat {
      let keyPosition = position
      guard let key = key(), let value = value(of: column, depth: depth + 1),
        entries.append(key, at: keyPosition, value) == nil
      else { return nil }
    } while indent == column
    return indent < column ? Node(.mapping(entries.merged()), at: start) : nil
  }

  /// The value of a key of a mapping at that column, from behind its colon on.
  private mutating func value(of column: Int, depth: Int) -> Node? {
    let end = position
    let start = offset
    skipSpaces()
    guard byte() == .newline || byte() == .hash else { return inline(in: column, depth: depth) }
    offset = start
    guard goToNextContent() else { return nil }
    if indent > column {
      return isEntry
        ? sequence(at: indent, depth: depth, mayEndAtKey: false)
        : mapping(at: indent, depth: depth)
    }
    return indent == column && isEntry
      ? sequence(at: column, depth: depth, mayEndAtKey: true) : Node(.null, at: end)
  }

  /// `mayEndAtKey`: it stands no deeper than the mapping that it is a value of.
  private mutating func sequence(at column: Int, depth: Int, mayEndAtKey: Bool) -> Node? {
    guard depth < limits.nesting else { return nil }
    let start = position
    var items: [Node] = []
    while indent == column, isEntry {
      offset += 1
      skipSpaces()
      if isKey {
        indent = offset - lineStart
        guard let item = mapping(at: indent, depth: depth + 1) else { return nil }
        items.append(item)
      } else {
        guard let item = inline(in: column, depth: depth + 1) else { return nil }
        items.append(item)
      }
    }
    return indent < column || indent == column && mayEndAtKey
      ? Node(.sequence(items), at: start) : nil
  }

  /// A value that ends with its line, in a collection at that column: were what follows deeper, it would
  /// go on there.
  private mutating func inline(in column: Int, depth: Int) -> Node? {
    let start = position
    let content: Node.Content? =
      switch byte() {
      case .openBrace, .openBracket: flow(depth: depth)
      case .apostrophe, .quote: quoted().map { .string($0) }
      case _: plain()
      }
    guard let content, goToNextContent(), indent <= column else { return nil }
    return Node(content, at: start)
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

  /// The key that begins here; afterwards what is behind its colon is next.
  private mutating func key() -> String? {
    guard let end = keyEnd else { return nil }
    defer { offset = end + 1 }
    guard byte().isLetter else { return text(from: offset + 1, to: end - 1) }
    return text(from: offset, to: end).flatMap { YAMLScalar.key(YAMLScalar.content(ofPlain: $0)) }
  }

  // MARK: Flow

  private mutating func flow(depth: Int) -> Node.Content? {
    guard depth < limits.nesting else { return nil }
    let isMapping = byte() == .openBrace
    let close: UInt8 = isMapping ? .closeBrace : .closeBracket
    var entries = MappingEntries()
    var items: [Node] = []
    offset += 1
    skipSpaces()
    if byte() == close {
      offset += 1
      return isMapping ? .mapping([]) : .sequence([])
    }
    while true {
      skipSpaces()
      if isMapping {
        let keyPosition = position
        guard let key = key() else { return nil }
        skipSpaces()
        guard let value = flowValue(depth: depth + 1),
          entries.append(key, at: keyPosition, value) == nil
        else { return nil }
      } else {
        guard let item = flowValue(depth: depth + 1) else { return nil }
        items.append(item)
      }
      skipSpaces()
      let next = byte()
      offset += 1
      if next == close { return isMapping ? .mapping(entries.merged()) : .sequence(items) }
      guard next == .comma else { return nil }
    }
  }

  private mutating func flowValue(depth: Int) -> Node? {
    let start = position
    let content: Node.Content? =
      switch byte() {
      case .openBrace, .openBracket: flow(depth: depth)
      case .apostrophe, .quote: quoted().map { .string($0) }
      case _: flowPlain()
      }
    return content.map { Node($0, at: start) }
  }

  // MARK: Scalars

  private mutating func quoted() -> String? {
    let quote = byte()
    let start = offset + 1
    repeat {
      offset += 1
      guard byte().isQuotable else { return nil }
    } while byte() != quote
    let end = offset
    offset += 1
    // Two apostrophes are one of the text.
    return byte() == quote ? nil : text(from: start, to: end)
  }

  private mutating func plain() -> Node.Content? {
    guard beginsPlain else { return nil }
    let start = offset
    var end = offset
    while byte() != .newline {
      let next = byte()
      guard next >= 0x20, next < 0x7F, next != .colon || !byte(1).isBlank else { return nil }
      if next == .hash, offset > end { break }
      offset += 1
      if next != .space { end = offset }
    }
    offset = end
    return content(from: start, to: end)
  }

  private mutating func flowPlain() -> Node.Content? {
    guard beginsPlain else { return nil }
    let start = offset
    var end = offset
    while byte() != .comma, byte() != .closeBrace, byte() != .closeBracket {
      let next = byte()
      guard next.isOfFlowText, next != .colon || byte(1).isOfKey else { return nil }
      offset += 1
      if next != .space { end = offset }
    }
    return content(from: start, to: end)
  }

  /// Whether a plain scalar may begin here, whatever is around it.
  private var beginsPlain: Bool {
    let first = byte()
    return first.isLetter || first.isDigit || first == .dot || first == .slash
      || first == .underscore
      || first == .tilde || (first == .dash && (byte(1).isLetter || byte(1).isDigit))
  }

  private func content(from start: Int, to end: Int) -> Node.Content? {
    guard let text = text(from: start, to: end) else { return nil }
    if let number = number(from: start, to: end) { return .integer(number) }
    return YAMLScalar.content(ofPlain: text)
  }

  /// Of digits alone that say nothing of a base.
  private func number(from start: Int, to end: Int) -> Int64? {
    guard end - start < 18, unsafe text[start] != .zero || end - start == 1 else { return nil }
    var number: Int64 = 0
    for index in start..<end {
      let digit = unsafe text[index] &- .zero
      guard digit < 10 else { return nil }
      number = number * 10 + Int64(digit)
    }
    return number
  }

  /// Nil for one that is too long.
  private func text(from start: Int, to end: Int) -> String? {
    guard end - start <= limits.scalarBytes else { return nil }
    let bytes = unsafe TextBytes(UnsafeBufferPointer(rebasing: text[start..<end]))
    return texts?.text(bytes) ?? bytes.text
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
