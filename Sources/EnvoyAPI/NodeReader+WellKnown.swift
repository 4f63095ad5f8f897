internal import Documents

extension NodeReader {
  /// The messages that JSON writes in a form of their own (protobuf, "JSON Mapping").
  mutating func wellKnown(
    _ known: WellKnownType, _ type: MessageType, _ groups: FieldGroups, _ bytes: [UInt8],
    depth: Int
  ) -> Node {
    switch known {
    case .any: return any(groups, bytes, depth: depth)
    case .duration:
      return Node(.string(TimeText.duration(seconds(groups), nanoseconds(groups))))
    case .timestamp:
      return Node(.string(TimeText.timestamp(seconds(groups), nanoseconds(groups))))
    case .structure:
      return entries(type, groups, bytes, depth: depth).first?.value ?? Node(.mapping([]))
    case .listValue:
      return entries(type, groups, bytes, depth: depth).first?.value ?? Node(.sequence([]))
    case .value:
      return entries(type, groups, bytes, depth: depth).first?.value ?? Node(.null)
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .stringValue,
      .uint32Value, .uint64Value:
      let last = groups.known.first?.last
      return scalar(type.field(at: 0), last?.bits ?? 0, bytes, last?.contents ?? 0..<0)
    }
  }

  private func seconds(_ groups: FieldGroups) -> Int64 {
    Int64(bitPattern: groups.known.first { $0.field.number == 1 }?.last.bits ?? 0)
  }
  private func nanoseconds(_ groups: FieldGroups) -> Int32 {
    Int32(truncatingIfNeeded: groups.known.first { $0.field.number == 2 }?.last.bits ?? 0)
  }

  private mutating func any(_ groups: FieldGroups, _ bytes: [UInt8], depth: Int) -> Node {
    guard let urlField = groups.known.first(where: { $0.field.number == 1 }) else {
      return Node(.mapping([]))
    }
    guard let url = String(validating: bytes[urlField.last.contents], as: UTF8.self) else {
      return fail(.notUTF8)
    }
    let head = Node.Entry(key: "@type", value: Node(.string(url)))
    let contents = groups.known.first { $0.field.number == 2 }?.last.contents ?? 0..<0
    if isHiding { return Node(.mapping([head])) }
    guard let type = MessageType(url: url) else {
      let value = Node(.string(Base64.text(bytes[contents])))
      return Node(.mapping([head, Node.Entry(key: "value", value: value)]))
    }
    let value = message(type, bytes, in: contents, depth: depth + 1)
    if WellKnownType(type) == nil, case .mapping(let entries) = value.content {
      return Node(.mapping([head] + entries))
    }
    return Node(.mapping([head, Node.Entry(key: "value", value: value)]))
  }
}
