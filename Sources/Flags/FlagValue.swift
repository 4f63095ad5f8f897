private import Diagnostics

/// A type whose values a flag's text can name.
package protocol FlagValue: Sendable {
  /// Nil where the text names none.
  init?(flagText: String)
  /// What a right text looks like, for the one who wrote another: "HOST:PORT", "one of a, b".
  static var expectedFlagText: String { get }
  /// Every right text, where they can be listed; the nearest is offered to who wrote another.
  static var flagTexts: [String] { get }
}

extension FlagValue {
  package static var flagTexts: [String] { [] }

  static func parsed(_ text: String, of flag: String) throws(Misuse) -> Self {
    if let value = Self(flagText: text) { return value }
    let offer = nearest(to: text, among: flagTexts).map { "; did you mean \($0)?" } ?? ""
    throw Misuse("\(flag) \"\(text)\" is not \(expectedFlagText)\(offer)")
  }
}

extension String: FlagValue {
  /// No flag means anything when it is empty.
  package init?(flagText: String) {
    guard !flagText.isEmpty else { return nil }
    self = flagText
  }
  package static var expectedFlagText: String { "a text of at least one letter" }
}

extension Int: FlagValue {
  package init?(flagText: String) {
    guard let number = Int(flagText), number >= 0 else { return nil }
    self = number
  }
  package static var expectedFlagText: String { "a whole number" }
}

extension Duration: FlagValue {
  /// Whole numbers with their units, as Go writes them: `1h30m`, `90s`, `250ms`; `0` needs none.
  package init?(flagText: String) {
    self = .zero
    var rest = flagText == "0" ? "0s" : flagText[...]
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard digits.count <= 9, let count = Int(digits) else { return nil }
      let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
      rest = rest.dropFirst(digits.count + unit.count)
      switch unit {
      case "h": self += .seconds(3600 * count)
      case "m": self += .seconds(60 * count)
      case "s": self += .seconds(count)
      case "ms": self += .milliseconds(count)
      case _: return nil
      }
    }
  }
  package static var expectedFlagText: String { "a time as 90s, 30m or 1h30m" }
}

/// A choice between words is an enum of them: give it this protocol and it is done.
package protocol FlagChoice: FlagValue, CaseIterable, RawRepresentable<String> {}

extension FlagChoice {
  package init?(flagText: String) { self.init(rawValue: flagText) }
  package static var flagTexts: [String] { allCases.map(\.rawValue) }
  package static var expectedFlagText: String {
    "one of \(flagTexts.joined(separator: ", "))"
  }
}

/// `KEY=VALUE`, as labels are given.
package struct KeyValue: Hashable, Sendable, FlagValue {
  package let key: String
  package let value: String

  package init?(flagText: String) {
    guard let equals = flagText.firstIndex(of: "="), equals > flagText.startIndex else {
      return nil
    }
    key = String(flagText[..<equals])
    value = String(flagText[flagText.index(after: equals)...])
  }
  package static var expectedFlagText: String { "KEY=VALUE" }
}
