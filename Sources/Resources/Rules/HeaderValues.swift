internal import Diagnostics

extension HeaderRule {
  /// The value of a header that Envoy sets: `%NAME%` and `%NAME(…)%` are commands, `%%` is a percent
  /// sign (Envoy's header parser, as istiod checks it).
  static func value(_ text: String) -> Finding? {
    let bytes = Array(text.utf8)
    let isControl = { (byte: UInt8) in (byte < 32 && byte != 9) || byte == 127 }
    if bytes.contains(where: isControl) { return .controlInHeaderValue() }
    var parser = HeaderValueParser()
    var position = 0
    while position < bytes.count {
      guard
        let step = parser.take(
          bytes[position],
          next: position + 1 < bytes.count
            ? bytes[position + 1] : nil)
      else { return .badHeaderValue(text) }
      position += step
    }
    return parser.state == .literal ? nil : .badHeaderValue(text)
  }
}

/// The states of Envoy's parser for the values of headers.
private struct HeaderValueParser {
  enum State {
    case literal, name, array, string, quoted, delimiter, closing, end
  }

  var state = State.literal

  /// How many bytes were taken; nil for a byte that cannot stand here.
  mutating func take(_ byte: UInt8, next: UInt8?) -> Int? {
    let isSpace = byte == UInt8(ascii: " ")
    switch state {
    case .literal:
      guard byte == UInt8(ascii: "%") else { return 1 }
      guard let next else { return nil }
      if next == UInt8(ascii: "%") { return 2 }
      state = .name
    case .name:
      if byte == UInt8(ascii: "%") { state = .literal }
      if byte == UInt8(ascii: "(") { state = .array }
    case .array:
      if byte == UInt8(ascii: "[") { state = .string } else if !isSpace { state = .quoted }
    case .delimiter:
      if byte == UInt8(ascii: ",") {
        state = .string
      } else if byte == UInt8(ascii: "]") {
        state = .closing
      } else if !isSpace {
        return nil
      }
    case .string:
      if byte == UInt8(ascii: "\"") { state = .quoted } else if !isSpace { return nil }
    case .quoted:
      if byte == UInt8(ascii: "\\") { return next == nil ? nil : 2 }
      if byte == UInt8(ascii: ")") { state = .end }
      if byte == UInt8(ascii: "\"") { state = .delimiter }
    case .closing:
      if byte == UInt8(ascii: ")") { state = .end } else if !isSpace { return nil }
    case .end:
      if byte == UInt8(ascii: "%") { state = .literal } else if !isSpace { return nil }
    }
    return 1
  }
}
