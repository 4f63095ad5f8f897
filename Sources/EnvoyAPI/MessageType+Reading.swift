package import Documents

extension MessageType {
  /// What a reader is shown of the fields that carry secrets.
  package enum Secrets: Sendable {
    case shown
    /// Texts become `[redacted]`; the names of files stay.
    case redacted
  }

  /// The message as protobuf's JSON mapping has it, Any opened. An Any of a type never published
  /// keeps its bytes under "value", in base64.
  package func node(
    from bytes: [UInt8], secrets: Secrets = .shown
  ) -> Result<Node, MessageProblem> {
    var reader = NodeReader(secrets: secrets)
    let node = reader.message(self, bytes, in: 0..<bytes.count, depth: 0)
    if let reason = reader.reason {
      return .failure(MessageProblem(path: "", position: .unknown, reason: reason))
    }
    return .success(node)
  }
}

/// Turns bytes into a tree. After the first problem the rest is of no meaning and ends quickly.
struct NodeReader {
  let secrets: MessageType.Secrets
  private(set) var reason: MessageProblem.Reason?
  /// Inside of a field that may not be shown.
  private var hides = false
  var isHiding: Bool { hides }

  private static let dataSource = MessageType(named: "envoy.config.core.v3.DataSource")
  private static let redacted = "[redacted]"

  /// The other fields of a DataSource say where the secret is.
  private static func holdsData(_ field: FieldType) -> Bool { field.name.hasPrefix("inline_") }

  init(secrets: MessageType.Secrets) { self.secrets = secrets }

  mutating func fail(_ reason: MessageProblem.Reason) -> Node {
    self.reason = self.reason ?? reason
    return Node(.null)
  }

  mutating func message(
    _ type: MessageType, _ bytes: [UInt8], in range: Range<Int>, depth: Int
  ) -> Node {
    if reason != nil { return Node(.null) }
    if depth > MessageLimits.depth { return fail(.tooDeep) }
    guard let groups = FieldGroups(bytes, in: range, of: type) else { return fail(.malformed) }
    if let known = WellKnownType(type) {
      return wellKnown(known, type, groups, bytes, depth: depth)
    }
    return Node(.mapping(entries(type, groups, bytes, depth: depth)))
  }

  mutating func entries(
    _ type: MessageType, _ groups: FieldGroups, _ bytes: [UInt8], depth: Int
  ) -> [Node.Entry] {
    var entries: [Node.Entry] = []
    for group in groups.known {
      let hidBefore = hides
      if secrets == .redacted, type.isSensitive(group.field) { hides = true }
      if hides, type == NodeReader.dataSource, !NodeReader.holdsData(group.field) { hides = false }
      if let value = value(of: group, bytes, depth: depth) {
        entries.append(entry(group.field, value, of: type))
      }
      hides = hidBefore
    }
    return entries
  }

  /// Bytes cannot say "[redacted]" and still be base64, so a hidden source of bytes becomes one of text.
  private func entry(_ field: FieldType, _ value: Node, of type: MessageType) -> Node.Entry {
    let isHiddenSource = hides && type == NodeReader.dataSource && field.name == "inline_bytes"
    return Node.Entry(key: isHiddenSource ? "inlineString" : field.jsonName, value: value)
  }

  /// Nil where JSON leaves the field out.
  private mutating func value(of group: FieldGroup, _ bytes: [UInt8], depth: Int) -> Node? {
    let field = group.field
    if field.isMap { return map(group, bytes, depth: depth) }
    if field.isRepeated { return list(group, bytes, depth: depth) }
    if field.kind == .message { return merged(group, bytes, depth: depth) }
    let value = scalar(field, group.last.bits, bytes, group.last.contents)
    return group.saysNothing ? nil : value
  }

  /// A message that stands more than once is all of them one after another.
  private mutating func merged(_ group: FieldGroup, _ bytes: [UInt8], depth: Int) -> Node {
    let type = group.field.messageType
    guard group.occurrences.count > 1 else {
      return message(type, bytes, in: group.last.contents, depth: depth + 1)
    }
    let all = group.occurrences.flatMap { bytes[$0.contents] }
    return message(type, all, in: 0..<all.count, depth: depth + 1)
  }

  private mutating func list(_ group: FieldGroup, _ bytes: [UInt8], depth: Int) -> Node {
    let field = group.field
    guard !field.isPackable else {
      guard let numbers = group.numbers(bytes) else { return fail(.malformed) }
      return Node(.sequence(numbers.map { scalar(field, $0, bytes, 0..<0) }))
    }
    var items: [Node] = []
    for occurrence in group.occurrences {
      items.append(
        field.kind == .message
          ? message(field.messageType, bytes, in: occurrence.contents, depth: depth + 1)
          : scalar(field, 0, bytes, occurrence.contents))
    }
    return Node(.sequence(items))
  }

  /// Entries in the order they came; of two with one key the later one.
  private mutating func map(_ group: FieldGroup, _ bytes: [UInt8], depth: Int) -> Node {
    let type = group.field.messageType
    let (keyField, valueField) = (type.field(at: 0), type.field(at: 1))
    var entries: [Node.Entry] = []
    var places: [String: Int] = [:]
    for occurrence in group.occurrences {
      guard let parts = FieldGroups(bytes, in: occurrence.contents, of: type) else {
        return fail(.malformed)
      }
      let keyGroup = parts.known.first { $0.field.number == 1 }
      let hidBefore = hides
      hides = false
      let key = text(
        ofKey: scalar(
          keyField, keyGroup?.last.bits ?? 0, bytes, keyGroup?.last.contents ?? 0..<0))
      hides = hidBefore
      let value =
        parts.known.first { $0.field.number == 2 }
        .map { mapValue($0, bytes, depth: depth + 1) } ?? missingValue(valueField, depth: depth + 1)
      if let place = places[key] {
        entries[place] = Node.Entry(key: key, value: value)
      } else {
        places[key] = entries.count
        entries.append(Node.Entry(key: key, value: value))
      }
    }
    return Node(.mapping(entries))
  }

  private mutating func mapValue(_ group: FieldGroup, _ bytes: [UInt8], depth: Int) -> Node {
    group.field.kind == .message
      ? merged(group, bytes, depth: depth)
      : scalar(group.field, group.last.bits, bytes, group.last.contents)
  }

  private mutating func missingValue(_ field: FieldType, depth: Int) -> Node {
    field.kind == .message
      ? message(field.messageType, [], in: 0..<0, depth: depth + 1) : scalar(field, 0, [], 0..<0)
  }

  private func text(ofKey key: Node) -> String {
    switch key.content {
    case .string(let text): text
    case .integer(let number): String(number)
    case .bool(let value): value ? "true" : "false"
    case .null, .number, .sequence, .mapping: ""
    }
  }

  /// A field's value; `bits` for numbers, `range` for text and bytes.
  mutating func scalar(
    _ field: FieldType, _ bits: UInt64, _ bytes: [UInt8], _ range: Range<Int>
  ) -> Node {
    switch field.kind {
    case .int32, .sfixed32: return Node(.integer(Int64(Int32(truncatingIfNeeded: bits))))
    case .sint32:
      let bits = UInt32(truncatingIfNeeded: bits)
      return Node(.integer(Int64(Int32(bitPattern: (bits >> 1) ^ (0 &- (bits & 1))))))
    case .uint32, .fixed32: return Node(.integer(Int64(UInt32(truncatingIfNeeded: bits))))
    case .int64, .sfixed64: return Node(.string(String(Int64(bitPattern: bits))))
    case .sint64:
      return Node(.string(String(Int64(bitPattern: (bits >> 1) ^ (0 &- (bits & 1))))))
    case .uint64, .fixed64: return Node(.string(String(bits)))
    case .float: return number(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .double: return number(Double(bitPattern: bits))
    case .bool: return Node(.bool(bits != 0))
    case .enumeration: return enumValue(field, Int32(truncatingIfNeeded: bits))
    case .string:
      guard let text = String(validating: bytes[range], as: UTF8.self) else {
        return fail(.notUTF8)
      }
      return Node(.string(hides ? NodeReader.redacted : text))
    case .bytes:
      return Node(.string(hides ? NodeReader.redacted : Base64.text(bytes[range])))
    case .message: preconditionFailure("messages are read by message()")
    }
  }

  private func enumValue(_ field: FieldType, _ number: Int32) -> Node {
    let type = field.enumeration
    if type.name == "google.protobuf.NullValue" { return Node(.null) }
    return type.name(of: number).map { Node(.string($0)) } ?? Node(.integer(Int64(number)))
  }

  private func number(_ value: Float) -> Node {
    // The shortest digits of the float, not those of the double it widens to.
    value.isFinite ? number(Double("\(value)") ?? Double(value)) : number(Double(value))
  }

  func number(_ value: Double) -> Node {
    if value.isNaN { return Node(.string("NaN")) }
    if value.isInfinite { return Node(.string(value < 0 ? "-Infinity" : "Infinity")) }
    return Node(.number(value))
  }
}
