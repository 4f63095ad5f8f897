internal import Documents

extension NodeWriter {
  /// The messages that JSON has a form of their own for (protobuf, "JSON Mapping").
  mutating func wellKnown(
    _ known: WellKnownType, _ node: Node, _ type: MessageType, depth: Int
  ) -> [UInt8] {
    switch known {
    case .any: return any(node, depth: depth)
    case .duration:
      return time(node, expected: "a duration like \"1.5s\"") { text in
        // istiod reads Envoy's durations as it reads its own: `500ms` is one.
        TimeText.parseDuration(text) ?? Duration(goText: text).map(\.secondsAndNanoseconds)
      }
    case .timestamp:
      return time(node, expected: "a time like \"2024-01-31T12:00:00Z\"", TimeText.parseTimestamp)
    case .structure:
      guard case .mapping = node.content else {
        note(.wrongType(expected: "a mapping", found: node.kindName), at: node)
        return []
      }
      return fields([Node.Entry(key: "fields", value: node)], type, depth: depth)
    case .listValue:
      guard case .sequence = node.content else {
        note(.wrongType(expected: "a list", found: node.kindName), at: node)
        return []
      }
      return fields([Node.Entry(key: "values", value: node)], type, depth: depth)
    case .value: return fields([value(node)], type, depth: depth)
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .stringValue,
      .uint32Value, .uint64Value:
      return fields([Node.Entry(key: "value", value: node)], type, depth: depth)
    }
  }

  private func value(_ node: Node) -> Node.Entry {
    let key =
      switch node.content {
      case .null: "nullValue"
      case .bool: "boolValue"
      case .integer, .number: "numberValue"
      case .string: "stringValue"
      case .sequence: "listValue"
      case .mapping: "structValue"
      }
    return Node.Entry(key: key, value: node)
  }

  private mutating func time(
    _ node: Node, expected: String, _ parse: (String) -> (seconds: Int64, nanoseconds: Int32)?
  ) -> [UInt8] {
    guard case .string(let text) = node.content else {
      note(.wrongType(expected: expected, found: node.kindName), at: node)
      return []
    }
    guard let time = parse(text) else {
      note(.notAllowed(text, expected: expected), at: node)
      return []
    }
    var bytes: [UInt8] = []
    for (number, value) in [(1, time.seconds), (2, Int64(time.nanoseconds))] where value != 0 {
      bytes.append(tag: number, .varint)
      bytes.append(UInt64(bitPattern: value), as: .varint)
    }
    return bytes
  }

  private mutating func any(_ node: Node, depth: Int) -> [UInt8] {
    guard case .mapping(let entries) = node.content else {
      note(.wrongType(expected: "a mapping", found: node.kindName), at: node)
      return []
    }
    if entries.isEmpty { return [] }
    guard let named = node["@type"] else {
      note(.notAllowed("{…}", expected: "\"@type\" in it"), at: node)
      return []
    }
    guard case .string(let url) = named.content else {
      inside("@type") {
        $0.note(.wrongType(expected: "a string", found: named.kindName), at: named)
      }
      return []
    }
    guard let type = MessageType(url: url) else {
      inside("@type") { $0.note(.unknownType(url: url), at: named) }
      return []
    }
    let rest = entries.filter { $0.key != "@type" }
    let contents: [UInt8]
    if WellKnownType(type) == nil {
      contents = message(Node(.mapping(rest), at: node.position), type, depth: depth + 1)
    } else {
      for entry in rest where entry.key != "value" {
        note(.unknownField(entry.key, in: type), at: entry.value)
      }
      contents = inside("value") {
        $0.message(node["value"] ?? Node(.null, at: node.position), type, depth: depth + 1)
      }
    }
    var bytes: [UInt8] = []
    bytes.append(field: 1, url.utf8)
    if !contents.isEmpty { bytes.append(field: 2, contents) }
    return bytes
  }
}

extension Duration {
  /// Both of the sign of the duration, as protobuf has it.
  fileprivate var secondsAndNanoseconds: (seconds: Int64, nanoseconds: Int32) {
    (components.seconds, Int32(components.attoseconds / 1_000_000_000))
  }
}
