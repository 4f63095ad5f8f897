package import Documents

extension ClientNode {
  /// The node's metadata as a tree. A number without a fraction becomes an integer, as it was
  /// before protobuf's one kind of number took it.
  package func metadataTree(limits: DeliveryLimits) throws(WireError) -> Node {
    try StructReader(depthLimit: limits.metadataDepth).mapping(WireReader(metadata), depth: 1)
  }
}

/// Reads `google.protobuf.Struct`, which nests as deep as its sender likes, to a limited depth.
private struct StructReader {
  let depthLimit: Int

  func mapping(_ message: WireReader, depth: Int) throws(WireError) -> Node {
    guard depth <= depthLimit else { throw .tooDeep(limit: depthLimit) }
    var reader = message
    var entries: [Node.Entry] = []
    var places: [String: Int] = [:]
    while let field = try reader.next() {
      guard field.number == 1, case .bytes(let range) = field.value else { continue }
      let entry = try self.entry(reader.message(range), depth: depth)
      // In a protobuf map the last entry of a key counts.
      if let place = places[entry.key] {
        entries[place] = entry
      } else {
        places[entry.key] = entries.count
        entries.append(entry)
      }
    }
    return Node(.mapping(entries))
  }

  private func entry(_ message: WireReader, depth: Int) throws(WireError) -> Node.Entry {
    var reader = message
    var key = ""
    var value = Node(.null)
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: key = try reader.text(range, field: 1)
      case 2: value = try self.value(reader.message(range), depth: depth)
      default: continue
      }
    }
    return Node.Entry(key: key, value: value)
  }

  private func value(_ message: WireReader, depth: Int) throws(WireError) -> Node {
    var reader = message
    var content = Node.Content.null
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .varint): content = .null
      case (2, .fixed64(let bits)): content = StructReader.number(Double(bitPattern: bits))
      case (3, .bytes(let range)): content = .string(try reader.text(range, field: 3))
      case (4, .varint(let flag)): content = .bool(flag != 0)
      case (5, .bytes(let range)):
        content = try mapping(reader.message(range), depth: depth + 1).content
      case (6, .bytes(let range)): content = try sequence(reader.message(range), depth: depth + 1)
      default: continue
      }
    }
    return Node(content)
  }

  private func sequence(
    _ message: WireReader, depth: Int
  ) throws(WireError) -> Node.Content {
    guard depth <= depthLimit else { throw .tooDeep(limit: depthLimit) }
    var reader = message
    var items: [Node] = []
    while let field = try reader.next() {
      guard field.number == 1, case .bytes(let range) = field.value else { continue }
      items.append(try value(reader.message(range), depth: depth))
    }
    return .sequence(items)
  }

  /// Doubles hold each integer up to 2^53 exactly.
  private static func number(_ value: Double) -> Node.Content {
    guard value.magnitude <= 0x1p53, let integer = Int64(exactly: value) else {
      return .number(value)
    }
    return .integer(integer)
  }
}
