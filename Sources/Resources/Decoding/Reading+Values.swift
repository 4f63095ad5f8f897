internal import Diagnostics
internal import Documents

/// One value of the tree as a value of a type, or nil and a message.
extension Reading {
  func refuse<Value>(_ node: Node, expected: String) -> Value? {
    report(.wrongType(found: shown(node), expected: expected), at: [], position: node.position)
    return nil
  }

  /// The text of a string, in memory once however many objects have it; no secret is kept for that.
  func text(_ node: Node) -> String? { node.text(sharing: hidesValues ? nil : shared?.texts) }

  func string(_ node: Node, check: (String) -> Finding? = { _ in nil }) -> String? {
    guard let text = text(node) else { return refuse(node, expected: "a string") }
    if let finding = check(text) { report(finding, at: [], position: node.position) }
    return text
  }

  /// A whole number; protobuf's JSON also takes it as a string, or with a fraction of zero.
  func int(_ node: Node, _ range: ClosedRange<Int>) -> Int? {
    let number: Int?
    switch node.content {
    case .integer(let value): number = Int(value)
    case .number(let value): number = Int(exactly: value)
    case .string(let text): number = Int(text)
    case .null, .bool, .sequence, .mapping: number = nil
    }
    guard let number else { return refuse(node, expected: "a whole number") }
    guard range.contains(number) else {
      report(
        .outOfRange("\(number)", lowest: range.lowerBound, highest: range.upperBound), at: [],
        position: node.position)
      return nil
    }
    return number
  }

  func double(_ node: Node) -> Double? {
    switch node.content {
    case .integer(let value): return Double(value)
    case .number(let value) where value.isFinite: return value
    case .string(let text):
      if let value = Double(text), value.isFinite { return value }
      return refuse(node, expected: "a number")
    case .null, .bool, .sequence, .mapping, .number: return refuse(node, expected: "a number")
    }
  }

  func duration(_ node: Node, check: (Duration) -> Finding? = { _ in nil }) -> Duration? {
    guard let text = text(node) else {
      return refuse(node, expected: "a duration such as \"5s\", \"1m30s\" or \"250ms\"")
    }
    guard let duration = Duration(goText: text) else {
      report(.notADuration(text), at: [], position: node.position)
      return nil
    }
    if let finding = check(duration) { report(finding, at: [], position: node.position) }
    return duration
  }

  func choice<Choice: CaseIterable & RawRepresentable<String>>(_ node: Node) -> Choice? {
    let text = text(node)
    if let text, let choice = Choice(rawValue: text) { return choice }
    let choices = Choice.allCases.map(\.rawValue)
    guard let text else {
      return refuse(node, expected: "one of \(choices.joined(separator: ", "))")
    }
    report(.unknownChoice(text, choices: choices), at: [], position: node.position)
    return nil
  }

  func bytes(_ node: Node) -> [UInt8]? {
    guard let text = text(node) else {
      return refuse(node, expected: "bytes in base64")
    }
    guard let bytes = decodeBase64(text) else {
      report(.notBase64(), at: [], position: node.position)
      return nil
    }
    return bytes
  }

  /// A map of texts. Maps alike are in memory once, and made once.
  func labels(_ node: Node) -> [String: String]? {
    guard let shared, !hidesValues else { return labels(node) { _, _ in nil } }
    return shared.labels(node) {
      let before = saidCount
      let labels = labels(node) { _, _ in nil }
      return (labels, isWhole: saidCount == before)
    }
  }

  func labels(_ node: Node, check: (String, String) -> Finding?) -> [String: String]? {
    guard let mapping = node.mapping else { return refuse(node, expected: "a mapping") }
    let entries = mapping.entries(sharing: hidesValues ? nil : shared?.texts)
    var labels = [String: String](minimumCapacity: entries.count)
    for entry in entries {
      labels[entry.key] = within(.key(entry.key)) {
        string(entry.value) { check(entry.key, $0) }
      }
    }
    return labels
  }
}
