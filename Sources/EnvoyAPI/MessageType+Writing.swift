package import Documents

extension MessageType {
  /// The bytes of the message that `node` describes in protobuf's JSON mapping, fields in order of number,
  /// and what of it could not be taken, which the bytes are then without.
  ///
  /// Field names may be the .proto's or JSON's, enums names or numbers.
  package func encoded(from node: Node) -> (bytes: [UInt8], problems: [MessageProblem]) {
    var writer = NodeWriter()
    let bytes = writer.message(node, self, depth: 0)
    return (bytes, writer.problems)
  }
}

/// Turns a tree into bytes, and notes where it cannot.
struct NodeWriter {
  private(set) var problems: [MessageProblem] = []
  private var path: [String] = []
  /// What is written is not to be shown: problems say where they are, and not what was found.
  private var isSecret = false

  /// Of so many nobody reads what the nearest name would have been.
  private static let mostNearest = 20

  private mutating func noteUnknown(_ name: String, in type: MessageType, at node: Node) {
    let count = problems.count
    note(
      count < Self.mostNearest
        ? .unknownField(name, in: type) : .unknownField(name, of: type.name, nearest: nil),
      at: node)
  }

  mutating func note(_ reason: MessageProblem.Reason, at node: Node) {
    let joined = path.reduce(into: "") { text, part in
      text += text.isEmpty || part.hasPrefix("[") ? part : ".\(part)"
    }
    problems.append(
      MessageProblem(
        path: joined, position: node.position, reason: isSecret ? reason.redacted : reason))
  }

  mutating func inside<Result>(_ part: String, _ body: (inout NodeWriter) -> Result) -> Result {
    path.append(part)
    defer { path.removeLast() }
    return body(&self)
  }

  mutating func message(_ node: Node, _ type: MessageType, depth: Int) -> [UInt8] {
    guard depth <= MessageLimits.depth else {
      note(.tooDeep, at: node)
      return []
    }
    if let known = WellKnownType(type) { return wellKnown(known, node, type, depth: depth) }
    guard case .mapping(let entries) = node.content else {
      note(.wrongType(expected: "a mapping", found: node.kindName), at: node)
      return []
    }
    return fields(entries, type, depth: depth)
  }

  /// The bytes of `entries` as fields of `type`.
  mutating func fields(_ entries: [Node.Entry], _ type: MessageType, depth: Int) -> [UInt8] {
    var written: [(field: FieldType, key: String, bytes: [UInt8])] = []
    for entry in entries {
      guard let field = type.field(named: entry.key) else {
        noteUnknown(
          entry.key, in: type, at: Node(entry.value.content, at: entry.keyPosition))
        continue
      }
      if entry.value.content == .null, !takesNull(field) { continue }
      if let other = written.first(where: { excludes($0.field, field) }) {
        note(.setTwice(entry.key, and: other.key), at: entry.value)
        continue
      }
      let bytes = inside(entry.key) { writer in
        let outer = writer.isSecret
        defer { writer.isSecret = outer }
        if type.isSensitive(field) { writer.isSecret = true }
        return writer.field(entry.value, field, depth: depth)
      }
      written.append((field, entry.key, bytes))
    }
    return written.sorted { $0.field.index < $1.field.index }.flatMap(\.bytes)
  }

  private func excludes(_ a: FieldType, _ b: FieldType) -> Bool {
    a.index == b.index || (a.choice != nil && a.choice == b.choice)
  }

  /// Elsewhere null is how JSON says unset.
  private func takesNull(_ field: FieldType) -> Bool {
    switch field.kind {
    case .message: !field.isRepeated && WellKnownType(field.messageType) == .value
    case .enumeration: field.enumeration.name == "google.protobuf.NullValue"
    default: false
    }
  }

  private mutating func field(_ node: Node, _ field: FieldType, depth: Int) -> [UInt8] {
    if field.isMap { return map(node, field, depth: depth) }
    guard field.isRepeated else { return single(node, field, depth: depth) }
    guard case .sequence(let items) = node.content else {
      note(.wrongType(expected: "a list", found: node.kindName), at: node)
      return []
    }
    var bytes: [UInt8] = []
    var packed: [UInt8] = []
    for (index, item) in items.enumerated() {
      inside("[\(index)]") { writer in
        if field.isPackable {
          guard let bits = writer.number(item, field) else { return }
          packed.append(bits, as: field.wireType)
        } else {
          bytes.append(field: field.number, writer.contents(item, field, depth: depth) ?? [])
        }
      }
    }
    if !packed.isEmpty { bytes.append(field: field.number, packed) }
    return bytes
  }

  private mutating func single(_ node: Node, _ field: FieldType, depth: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    if field.isPackable {
      guard let bits = number(node, field), bits != 0 || !field.hasNoPresence else { return [] }
      bytes.append(tag: field.number, field.wireType)
      bytes.append(bits, as: field.wireType)
    } else if let contents = contents(node, field, depth: depth),
      !contents.isEmpty || !field.hasNoPresence
    {
      bytes.append(field: field.number, contents)
    }
    return bytes
  }

  private mutating func map(_ node: Node, _ field: FieldType, depth: Int) -> [UInt8] {
    guard case .mapping(let entries) = node.content else {
      note(.wrongType(expected: "a mapping", found: node.kindName), at: node)
      return []
    }
    let type = field.messageType
    let (keyField, valueField) = (type.field(at: 0), type.field(at: 1))
    var bytes: [UInt8] = []
    for entry in entries {
      inside(entry.key) { writer in
        let key = writer.single(writer.key(entry, keyField), keyField, depth: depth)
        let value = writer.single(entry.value, valueField, depth: depth + 1)
        bytes.append(field: field.number, key + value)
      }
    }
    return bytes
  }

  /// A mapping's keys are text whatever the map's keys are.
  private func key(_ entry: Node.Entry, _ field: FieldType) -> Node {
    guard field.kind == .bool else { return Node(.string(entry.key), at: entry.keyPosition) }
    switch entry.key {
    case "true": return Node(.bool(true), at: entry.keyPosition)
    case "false": return Node(.bool(false), at: entry.keyPosition)
    default: return Node(.string(entry.key), at: entry.keyPosition)
    }
  }

  /// What stands behind the length of a text, bytes or message.
  mutating func contents(_ node: Node, _ field: FieldType, depth: Int) -> [UInt8]? {
    if field.kind == .message { return message(node, field.messageType, depth: depth + 1) }
    guard case .string(let text) = node.content else {
      note(.wrongType(expected: "a string", found: node.kindName), at: node)
      return nil
    }
    if field.kind == .string { return Array(text.utf8) }
    guard let bytes = Base64.bytes(text) else {
      note(.notAllowed(text, expected: "base64"), at: node)
      return nil
    }
    return bytes
  }
}
