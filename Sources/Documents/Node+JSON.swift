extension Node {
  package enum JSONLayout: Sendable {
    /// No space that could be left out: one line.
    case compact
    /// Two spaces a level, an entry a line.
    case indented
  }

  /// The value as JSON text, keys in the order of the mapping. Ends without a newline.
  package func json(_ layout: JSONLayout = .compact) -> String {
    String(decoding: jsonBytes(layout), as: UTF8.self)
  }

  /// The value as JSON text in UTF-8.
  package func jsonBytes(_ layout: JSONLayout = .compact) -> [UInt8] {
    var writer = JSONWriter(layout: layout)
    writer.write(self, depth: 0)
    return writer.bytes
  }

  /// The same value with the keys of every mapping in the order of their bytes.
  package var withSortedKeys: Node {
    switch content {
    case .null, .bool, .integer, .number, .string: self
    case .sequence(let items): Node(.sequence(items.map(\.withSortedKeys)), at: position)
    case .mapping(let entries):
      Node(
        .mapping(
          entries.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }.map {
            Entry(key: $0.key, keyPosition: $0.keyPosition, value: $0.value.withSortedKeys)
          }), at: position)
    }
  }
}

/// Appends values to JSON text (RFC 8259).
struct JSONWriter {
  private let layout: Node.JSONLayout
  private(set) var bytes: [UInt8] = []

  init(layout: Node.JSONLayout) { self.layout = layout }

  mutating func write(_ node: Node, depth: Int) {
    switch node.content {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .integer(let value): append(String(value))
    case .number(let value): append(JSONWriter.text(of: value))
    case .string(let value): write(value)
    case .sequence(let items):
      write(items, between: "[", "]", depth: depth) { $0.write($1, depth: depth + 1) }
    case .mapping(let entries):
      write(entries, between: "{", "}", depth: depth) { writer, entry in
        writer.write(entry.key)
        writer.append(writer.layout == .compact ? ":" : ": ")
        writer.write(entry.value, depth: depth + 1)
      }
    }
  }

  mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case UInt8(ascii: "\n"): append("\\n")
      case UInt8(ascii: "\r"): append("\\r")
      case UInt8(ascii: "\t"): append("\\t")
      case 0..<0x20, 0x7F:
        append("\\u00")
        append(byte < 0x10 ? "0" : "")
        append(String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// The shortest digits that read back as the same number. JSON has no infinities: they are words, as
  /// in the JSON form of protobuf.
  static func text(of number: Double) -> String {
    if number.isNaN { return "\"NaN\"" }
    if number.isInfinite { return number < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
    return number == number.rounded(.towardZero) && abs(number) < 1e15
      ? String(Int64(number)) : "\(number)"
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func write<Element>(
    _ elements: [Element], between open: String, _ close: String, depth: Int,
    _ write: (inout JSONWriter, Element) -> Void
  ) {
    append(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { append(",") }
      breakLine(depth: depth + 1)
      write(&self, element)
    }
    if !elements.isEmpty { breakLine(depth: depth) }
    append(close)
  }

  private mutating func breakLine(depth: Int) {
    guard layout == .indented else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }
}
