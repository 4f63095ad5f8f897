extension Node {
  /// The value as one YAML document in block style, which reads back as the same value here, in
  /// kubectl and in YAML 1.2. Ends with a newline.
  package func yaml() -> String {
    var writer = YAMLWriter()
    writer.writeDocument(self)
    return writer.text
  }
}

extension Sequence<Node> {
  /// The values as one YAML file, a document each.
  package func yamlDocuments() -> String {
    map { $0.yaml() }.joined(separator: "---\n")
  }
}

private struct YAMLWriter {
  private(set) var text = ""

  mutating func writeDocument(_ node: Node) {
    if node.isBlock {
      write(block: node, indent: 0, startsInLine: true)
    } else {
      text += scalar(node, indent: 0) + "\n"
    }
  }

  /// Writes the lines of a mapping or sequence. The first goes on in the present line where
  /// `startsInLine`: at the start of a line, or behind a dash.
  private mutating func write(block node: Node, indent: Int, startsInLine: Bool) {
    var needsIndent = !startsInLine
    func margin() -> String {
      defer { needsIndent = true }
      return needsIndent ? String(repeating: " ", count: indent) : ""
    }
    switch node.content {
    case .null, .bool, .integer, .number, .string: preconditionFailure("blocks have entries")
    case .sequence(let items):
      for item in items {
        text += margin() + "- "
        if item.isBlock {
          write(block: item, indent: indent + 2, startsInLine: true)
        } else {
          text += scalar(item, indent: indent + 2) + "\n"
        }
      }
    case .mapping(let entries):
      for entry in entries {
        text += margin() + YAMLWriter.quotedIfNeeded(entry.key) + ":"
        write(value: entry.value, indent: indent)
      }
    }
  }

  /// Writes what follows the colon of a key. The items of a list stand as far left as its key.
  private mutating func write(value: Node, indent: Int) {
    guard value.isBlock else {
      text += " " + scalar(value, indent: indent + 2) + "\n"
      return
    }
    text += "\n"
    if case .sequence = value.content {
      write(block: value, indent: indent, startsInLine: false)
    } else {
      write(block: value, indent: indent + 2, startsInLine: false)
    }
  }

  private func scalar(_ node: Node, indent: Int) -> String {
    switch node.content {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value):
      value.isNaN ? ".nan" : value.isInfinite ? (value < 0 ? "-.inf" : ".inf") : "\(value)"
    case .string(let value):
      YAMLWriter.literal(value, indent: indent) ?? YAMLWriter.quotedIfNeeded(value)
    case .sequence: "[]"
    case .mapping: "{}"
    }
  }

  /// A text of several lines as a literal block; nil for text that a block cannot hold unchanged.
  private static func literal(_ value: String, indent: Int) -> String? {
    let lines = value.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count > 1, value.unicodeScalars.allSatisfy({ isPrintable($0) || $0 == "\n" }),
      let first = lines.first(where: { !$0.isEmpty }), first.first != UInt8(ascii: " "),
      lines[lines.count - 1].isEmpty, !lines[lines.count - 2].isEmpty,
      !lines.contains(where: { $0.last == UInt8(ascii: " ") })
    else { return nil }
    let margin = String(repeating: " ", count: indent)
    return (["|"] + lines.dropLast().map { $0.isEmpty ? "" : margin + String($0)! })
      .joined(separator: "\n")
  }

  private static func quotedIfNeeded(_ value: String) -> String {
    isPlain(value) ? value : doubleQuoted(value)
  }

  /// Whether the text means itself without quotes, wherever it stands. Stricter than YAML asks.
  private static func isPlain(_ value: String) -> Bool {
    guard let first = value.utf8.first, let last = value.utf8.last, value != "=", value != "<<",
      isWordByte(first) || first == UInt8(ascii: "/"), last != UInt8(ascii: ":"),
      value.utf8.allSatisfy({
        isWordByte($0) || "/-+@:,= ()".utf8.contains($0)
      }), last != UInt8(ascii: " "), !value.contains(": ")
    else { return false }
    guard case .string = YAMLScalar.content(ofPlain: value) else { return false }
    return !isDateOrSexagesimal(value)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// What other readers of YAML 1.1 take for a date or a number to the base 60.
  private static func isDateOrSexagesimal(_ value: String) -> Bool {
    value.utf8.allSatisfy {
      $0 &- UInt8(ascii: "0") < 10 || "-+:._TtZz ".utf8.contains($0)
    }
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
      0x10000...:
      true
    default: false
    }
  }

  private static func doubleQuoted(_ value: String) -> String {
    var quoted = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where isPrintable(scalar): quoted.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return quoted + "\""
  }
}

extension Node {
  /// A mapping or sequence with entries: it takes lines of its own.
  fileprivate var isBlock: Bool {
    switch content {
    case .null, .bool, .integer, .number, .string: false
    case .sequence(let items): !items.isEmpty
    case .mapping(let entries): !entries.isEmpty
    }
  }
}
