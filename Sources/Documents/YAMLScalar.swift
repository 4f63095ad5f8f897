/// What a plain scalar means. The rules are those of sigs.k8s.io/yaml (its goyaml.v2, YAML 1.1 with
/// exceptions), because that is what reads the same file for istiod and kubectl: `yes`, `on` and `n` are
/// booleans, `0777` and `0o777` are octal, `1_000` is a thousand, dates and `12:30:45` are text.
enum YAMLScalar {
  static func content(ofPlain text: String) -> Node.Content {
    guard let first = text.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      return number(Array(text.utf8)) ?? special(text) ?? .string(text)
    case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"),
      UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"),
      UInt8(ascii: "o"), UInt8(ascii: "O"), UInt8(ascii: "~"):
      return special(text) ?? .string(text)
    default:
      return .string(text)
    }
  }

  /// The text of a mapping's key for a value that is not text, as sigs.k8s.io/yaml writes it; nil for
  /// what cannot be a key.
  static func key(_ content: Node.Content) -> String? {
    switch content {
    case .string(let text): text
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? "\(Float(value))" : specialKey(value)
    case .null, .sequence, .mapping: nil
    }
  }

  /// The value of a scalar with a tag of YAML's own (the part after `tag:yaml.org,2002:`); nil where
  /// the text does not fit the tag.
  static func content(of text: String, taggedAs tag: Substring) -> Node.Content? {
    let plain = content(ofPlain: text)
    switch (tag, plain) {
    case ("str", _): return .string(text)
    case ("int", .integer), ("bool", .bool), ("null", .null), ("float", .number): return plain
    case ("float", .integer): return plain
    case ("timestamp", .string): return plain
    default: return nil
    }
  }

  private static func specialKey(_ value: Double) -> String {
    value.isNaN ? ".nan" : value < 0 ? "-.inf" : ".inf"
  }

  /// The words that are not strings.
  private static func special(_ text: String) -> Node.Content? {
    text.utf8.count <= 5 ? words[text] : nil
  }

  private static let words: [String: Node.Content] = {
    let words: [(Node.Content, [String])] = [
      (.bool(true), ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]),
      (.bool(false), ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]),
      (.null, ["~", "null", "Null", "NULL"]),
      (.number(.nan), [".nan", ".NaN", ".NAN"]),
      (.number(.infinity), [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"]),
      (.number(-.infinity), ["-.inf", "-.Inf", "-.INF"]),
    ]
    return Dictionary(
      uniqueKeysWithValues: words.flatMap { content, texts in texts.map { ($0, content) } })
  }()

  private static func number(_ text: [UInt8]) -> Node.Content? {
    guard text.contains(UInt8(ascii: "_")), text[0] != UInt8(ascii: ".") else {
      return numberWithoutUnderscores(text)
    }
    return numberWithoutUnderscores(text.filter { $0 != UInt8(ascii: "_") })
  }

  private static func numberWithoutUnderscores(
    _ text: [UInt8]
  ) -> Node.Content? {
    let digits = Digits(text)
    switch digits.value() {
    case .fits(let magnitude):
      guard digits.isNegative else {
        return Int64(exactly: magnitude).map { .integer($0) } ?? .number(Double(magnitude))
      }
      if magnitude == Int64.min.magnitude { return .integer(.min) }
      return Int64(exactly: magnitude).map { .integer(-$0) } ?? .number(-Double(magnitude))
    case .tooLarge(let magnitude) where digits.radix != 10:
      return .number(digits.isNegative ? -magnitude : magnitude)
    case .tooLarge, .notDigits:
      guard looksLikeFloat(text) else { return nil }
      let number = Double(String(decoding: text, as: UTF8.self))
      return number.flatMap { $0.isFinite ? Node.Content(number: $0) : nil }
    }
  }

  /// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`, goyaml.v2's rule.
  private static func looksLikeFloat(_ text: [UInt8]) -> Bool {
    var index = 0
    func skip(_ wanted: (UInt8) -> Bool) -> Int {
      let start = index
      while index < text.count && wanted(text[index]) { index += 1 }
      return index - start
    }
    func skipOne(_ wanted: (UInt8) -> Bool) -> Bool {
      guard index < text.count, wanted(text[index]) else { return false }
      index += 1
      return true
    }
    func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }
    func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    _ = skipOne(isSign)
    let whole = skip(isDigit)
    let fraction = skipOne { $0 == UInt8(ascii: ".") } ? skip(isDigit) : 0
    guard whole + fraction > 0 else { return false }
    if skipOne({ $0 | 0x20 == UInt8(ascii: "e") }) {
      _ = skipOne(isSign)
      guard skip(isDigit) > 0 else { return false }
    }
    return index == text.count
  }
}

/// An integer as Go's `strconv.ParseInt(text, 0, 64)` reads it: a sign, a prefix that names the base.
private struct Digits {
  enum Value {
    case fits(UInt64)
    case tooLarge(Double)
    case notDigits
  }

  let isNegative: Bool
  let radix: UInt64
  private let digits: ArraySlice<UInt8>

  init(_ text: [UInt8]) {
    var rest = text[...]
    isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    guard rest.count > 1, rest.first == UInt8(ascii: "0") else {
      radix = 10
      digits = rest
      return
    }
    let letter = rest.count > 2 ? rest[rest.startIndex + 1] | 0x20 : 0
    switch letter {
    case UInt8(ascii: "x"): radix = 16
    case UInt8(ascii: "b"): radix = 2
    default: radix = 8
    }
    digits = rest.dropFirst(letter > UInt8(ascii: "9") ? 2 : 1)
  }

  func value() -> Value {
    guard !digits.isEmpty else { return .notDigits }
    var sum: UInt64 = 0
    var large = 0.0
    var overflowed = false
    for byte in digits {
      let digit: UInt8 =
        byte &- UInt8(ascii: "0") < 10
        ? byte - UInt8(ascii: "0") : (byte | 0x20) &- UInt8(ascii: "a") &+ 10
      guard digit < radix else { return .notDigits }
      let (product, overflow) = sum.multipliedReportingOverflow(by: radix)
      let (total, carry) = product.addingReportingOverflow(UInt64(digit))
      overflowed = overflowed || overflow || carry
      sum = total
      large = large * Double(radix) + Double(digit)
    }
    return overflowed ? .tooLarge(large) : .fits(sum)
  }
}

extension Node.Content {
  /// A number in its one form: whole ones that an `Int64` and a `Double` both hold exactly are integers.
  init(number: Double) {
    let isWhole = number == number.rounded(.towardZero) && abs(number) <= 9_007_199_254_740_992
    self = isWhole ? .integer(Int64(number)) : .number(number)
  }
}
