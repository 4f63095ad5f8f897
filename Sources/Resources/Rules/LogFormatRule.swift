internal import Diagnostics
internal import Documents

/// Formats of log lines: text with Envoy's operators in it, as `%REQ(:METHOD)%` or `%START_TIME%`.
///
/// Not here, on purpose: which operators there are; each Envoy knows more of them than the one before.
enum LogFormatRule {
  /// Where what begins like an operator is none, with the text from there on; nil where Envoy can take
  /// the format apart. It refuses every listener with a log of another.
  static func mistake(in format: String) -> String? {
    let bytes = Array(format.utf8)
    var position = 0
    while let percent = bytes[position...].firstIndex(of: UInt8(ascii: "%")) {
      if percent + 1 < bytes.count, bytes[percent + 1] == UInt8(ascii: "%") {
        position = percent + 2
      } else if let end = end(ofOperatorAt: percent, bytes) {
        position = end
      } else {
        return String(decoding: bytes[percent...].prefix(40), as: UTF8.self)
      }
    }
    return nil
  }

  /// `%([A-Z0-9_]+)(\(.*?\))?(:[0-9]+)?%`
  private static func end(ofOperatorAt start: Int, _ bytes: [UInt8]) -> Int? {
    var position = start + 1
    while position < bytes.count, isNamePart(bytes[position]) { position += 1 }
    guard position > start + 1 else { return nil }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "(") else {
      return end(at: position, bytes)
    }
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: ")"),
        let end = end(at: position + 1, bytes)
      {
        return end
      }
    }
    return nil
  }

  /// `(:[0-9]+)?%`
  private static func end(at start: Int, _ bytes: [UInt8]) -> Int? {
    var position = start
    if position < bytes.count, bytes[position] == UInt8(ascii: ":") {
      position += 1
      let digits = position
      while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
      guard position > digits else { return nil }
    }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "%") else { return nil }
    return position + 1
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
  }
}

extension Fields {
  /// A format of log lines: as if it were not written where Envoy could not take it apart.
  mutating func format(_ key: String) -> String? {
    value(key) { $0.format($1) }
  }
}

extension Reading {
  func format(_ node: Node) -> String? {
    guard let text = string(node), isFormat(text, node) else { return nil }
    return text
  }

  /// The fields of a line that is an object, without those that Envoy could not take apart.
  func formats(_ node: Node) -> Node {
    guard case .mapping(let entries) = node.content else { return node }
    return Node(
      .mapping(
        entries.filter { entry in within(.key(entry.key)) { holdsFormats(entry.value) } }),
      at: node.position)
  }

  func holdsFormats(_ node: Node) -> Bool {
    switch node.content {
    case .null, .bool, .integer, .number: true
    case .string(let text): isFormat(text, node)
    case .sequence(let items): items.allSatisfy(holdsFormats)
    case .mapping(let entries): entries.allSatisfy { holdsFormats($0.value) }
    }
  }

  private func isFormat(_ text: String, _ node: Node) -> Bool {
    guard let mistake = LogFormatRule.mistake(in: text) else { return true }
    report(.badLogFormat(mistake), at: [], position: node.position)
    return false
  }
}
