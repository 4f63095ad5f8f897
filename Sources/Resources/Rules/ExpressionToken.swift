/// A word of CEL.
enum ExpressionToken: Hashable {
  /// An operator, a bracket, or `in`.
  case symbol(String)
  case identifier(String)
  case integer(digits: String, radix: Int)
  case unsigned(digits: String, radix: Int)
  /// A text that says what it is as it is written.
  case text(String)
  /// Another text, bytes, a number with a fraction, a truth value, null.
  case literal(String)

  /// As messages show it.
  var shown: String {
    switch self {
    case .symbol(let text), .identifier(let text), .text(let text), .literal(let text):
      "\"\(text)\""
    case .integer(let digits, let radix): "\"\(radix == 16 ? "0x" : "")\(digits)\""
    case .unsigned(let digits, let radix): "\"\(radix == 16 ? "0x" : "")\(digits)u\""
    }
  }

  static func all(in text: [UInt8]) throws(CELExpression.Mistake) -> [ExpressionToken] {
    var scanner = ExpressionScanner(text)
    var tokens: [ExpressionToken] = []
    while let token = try scanner.token() { tokens.append(token) }
    return tokens
  }
}

/// Takes a text apart into words.
private struct ExpressionScanner {
  private typealias Mistake = CELExpression.Mistake
  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  mutating func token() throws(CELExpression.Mistake) -> ExpressionToken? {
    skipSpace()
    guard let byte = next else { return nil }
    if let start = stringStart() { return try string(start) }
    if isLetter(byte) { return word() }
    if isDigit(byte) || (byte == UInt8(ascii: ".") && isDigit(peek(1))) { return number() }
    for length in [2, 1] where position + length <= text.count {
      let symbol = String(decoding: text[position..<position + length], as: UTF8.self)
      if Self.symbols.contains(symbol) {
        position += length
        return .symbol(symbol)
      }
    }
    throw Mistake(sentence: "unexpected character \(shown(byte))")
  }

  private static let symbols: Set = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!",
    "?", ":", "+", "*", "/", "%",
  ]

  private func shown(_ byte: UInt8) -> String {
    (0x20..<0x7F).contains(byte)
      ? "\"\(UnicodeScalar(byte))\"" : "of code \(byte)"
  }

  private var next: UInt8? { peek(0) }

  private func peek(_ offset: Int) -> UInt8? {
    position + offset < text.count ? text[position + offset] : nil
  }

  private mutating func skipSpace() {
    while let byte = next {
      if [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(byte) {
        position += 1
      } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
        while let byte = next, byte != 0x0A { position += 1 }
      } else {
        return
      }
    }
  }

  private mutating func word() -> ExpressionToken {
    let start = position
    while let byte = next, isLetter(byte) || isDigit(byte) { position += 1 }
    let word = String(decoding: text[start..<position], as: UTF8.self)
    switch word {
    case "in": return .symbol(word)
    case "true", "false", "null": return .literal(word)
    case _: return .identifier(word)
    }
  }

  // MARK: Numbers

  private mutating func number() -> ExpressionToken {
    let start = position
    if next == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x"), isHex(peek(2)) {
      position += 2
      let digits = taken(while: isHex)
      return whole(digits, radix: 16)
    }
    let digits = taken(while: isDigit)
    var isWhole = true
    if next == UInt8(ascii: "."), isDigit(peek(1)) {
      position += 1
      _ = taken(while: isDigit)
      isWhole = false
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
      if isDigit(peek(1 + sign)) {
        position += 1 + sign
        _ = taken(while: isDigit)
        isWhole = false
      }
    }
    guard isWhole else {
      return .literal(String(decoding: text[start..<position], as: UTF8.self))
    }
    return whole(digits, radix: 10)
  }

  private mutating func whole(_ digits: String, radix: Int) -> ExpressionToken {
    guard next == UInt8(ascii: "u") || next == UInt8(ascii: "U") else {
      return .integer(digits: digits, radix: radix)
    }
    position += 1
    return .unsigned(digits: digits, radix: radix)
  }

  private mutating func taken(while belongs: (UInt8?) -> Bool) -> String {
    let start = position
    while belongs(next) { position += 1 }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  // MARK: Texts

  private struct StringStart {
    /// Before the quotes.
    let prefixLength: Int
    let isRaw: Bool
    let isBytes: Bool
  }

  /// Quotes, maybe behind `b`, `r` or `br`.
  private func stringStart() -> StringStart? {
    var length = 0
    let isBytes = peek(length) == UInt8(ascii: "b") || peek(length) == UInt8(ascii: "B")
    if isBytes { length += 1 }
    let isRaw = peek(length) == UInt8(ascii: "r") || peek(length) == UInt8(ascii: "R")
    if isRaw { length += 1 }
    guard peek(length) == UInt8(ascii: "\"") || peek(length) == UInt8(ascii: "'") else {
      return nil
    }
    return StringStart(prefixLength: length, isRaw: isRaw, isBytes: isBytes)
  }

  private mutating func string(
    _ start: StringStart
  ) throws(CELExpression.Mistake) -> ExpressionToken {
    position += start.prefixLength
    let quote = text[position]
    let isLong = peek(1) == quote && peek(2) == quote
    position += isLong ? 3 : 1
    let first = position
    while let byte = next {
      if byte == quote, !isLong || (peek(1) == quote && peek(2) == quote) {
        let contents = String(decoding: text[first..<position], as: UTF8.self)
        position += isLong ? 3 : 1
        return start.isBytes || (!start.isRaw && contents.utf8.contains(UInt8(ascii: "\\")))
          ? .literal(contents) : .text(contents)
      }
      if !isLong, byte == 0x0A || byte == 0x0D { break }
      if byte == UInt8(ascii: "\\"), !start.isRaw {
        try escape(isBytes: start.isBytes)
      } else {
        position += 1
      }
    }
    throw Mistake(sentence: "a text has no end")
  }

  private mutating func escape(isBytes: Bool) throws(CELExpression.Mistake) {
    guard let kind = peek(1) else { throw Mistake(sentence: "a text has no end") }
    let digits: Int
    switch kind {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): digits = 2
    case UInt8(ascii: "u") where !isBytes: digits = 4
    case UInt8(ascii: "U") where !isBytes: digits = 8
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      guard isOctal(peek(2)), isOctal(peek(3)) else { throw badEscape }
      position += 4
      return
    case _ where "abfnrtv\"'`?\\".utf8.contains(kind): digits = 0
    case _: throw badEscape
    }
    let first = position + 2
    guard first + digits <= text.count, text[first..<first + digits].allSatisfy({ isHex($0) })
    else {
      throw badEscape
    }
    if digits > 2 {
      let code = UInt32(String(decoding: text[first..<first + digits], as: UTF8.self), radix: 16)
      guard let code, UnicodeScalar(code) != nil else { throw badEscape }
    }
    position = first + digits
  }

  private var badEscape: CELExpression.Mistake {
    CELExpression.Mistake(
      sentence: "\"\\\(peek(1).map { String(UnicodeScalar($0)) } ?? "")\" is not an escape")
  }
}

private func isLetter(_ byte: UInt8) -> Bool {
  (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
}
private func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48...57).contains($0) } ?? false }
private func isOctal(_ byte: UInt8?) -> Bool { byte.map { (48...55).contains($0) } ?? false }
private func isHex(_ byte: UInt8?) -> Bool {
  guard let byte else { return false }
  return isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte)
}
