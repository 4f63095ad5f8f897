internal import Documents

extension Node {
  /// The value as JSON text that Go makes of a protobuf Struct: on one line, keys in the order of their
  /// bytes, numbers as doubles, and what HTML could take for its own escaped.
  var structText: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch content {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += Self.text(of: Double(value))
    case .number(let value): text += Self.text(of: value)
    case .string(let value): Self.write(value, to: &text)
    case .sequence(let items):
      text += "["
      for (index, item) in items.enumerated() {
        if index > 0 { text += "," }
        item.write(to: &text)
      }
      text += "]"
    case .mapping(let entries):
      let sorted = entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      text += "{"
      for (index, entry) in sorted.enumerated() {
        if index > 0 { text += "," }
        Self.write(entry.key, to: &text)
        text += ":"
        entry.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "<", ">", "&", "\u{2028}", "\u{2029}", "\0"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      case _: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  /// The shortest digits that read back as the same number; an exponent only for the very large and
  /// the very small (Go's `encoding/json`).
  private static func text(of number: Double) -> String {
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    let sign = number < 0 ? "-" : ""
    let written = "\(number.magnitude)"
    let parts = written.split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? String(mantissa[1]) : ""
    let all = String(mantissa[0]) + fraction
    let zeros = all.prefix { $0 == "0" }.count
    let digits = String(all.dropFirst(zeros))
    /// Digits before the point.
    let point = mantissa[0].count - zeros + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    let trimmed = String(digits.reversed().drop { $0 == "0" }.reversed())
    if number.magnitude >= 1e21 || number.magnitude < 1e-6 {
      let rest = trimmed.dropFirst()
      return sign + trimmed.prefix(1) + (rest.isEmpty ? "" : ".") + rest
        + "e\(point > 0 ? "+" : "")\(point - 1)"
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + trimmed }
    if point >= trimmed.count {
      return sign + trimmed + String(repeating: "0", count: point - trimmed.count)
    }
    return sign + trimmed.prefix(point) + "." + trimmed.dropFirst(point)
  }
}
