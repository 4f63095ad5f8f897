internal import Documents

extension NodeWriter {
  /// A number's bits as the field's wire type carries them; nil, and a note, if it has none.
  mutating func number(_ node: Node, _ field: FieldType) -> UInt64? {
    switch field.kind {
    case .int32: integer(node, Int32.self).map { UInt64(bitPattern: Int64($0)) }
    case .sfixed32: integer(node, Int32.self).map { UInt64(UInt32(bitPattern: $0)) }
    case .sint32: integer(node, Int32.self).map { zigzag(Int64($0)) }
    case .int64, .sfixed64: integer(node, Int64.self).map { UInt64(bitPattern: $0) }
    case .sint64: integer(node, Int64.self).map(zigzag)
    case .uint32, .fixed32: integer(node, UInt32.self).map { UInt64($0) }
    case .uint64, .fixed64: integer(node, UInt64.self)
    case .float: float(node).map { UInt64($0.bitPattern) }
    case .double: double(node).map(\.bitPattern)
    case .bool: bool(node)
    case .enumeration: enumValue(node, field.enumeration)
    case .string, .bytes, .message: preconditionFailure("asked of numbers only")
    }
  }

  private func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

  private mutating func integer<T: FixedWidthInteger>(_ node: Node, _: T.Type) -> T? {
    let exact: T?
    switch node.content {
    case .integer(let value): exact = T(exactly: value)
    case .number(let value): exact = T(exactly: value)
    // JSON carries 64-bit numbers as text.
    case .string(let text): exact = T(text) ?? Double(text).flatMap { T(exactly: $0) }
    case .null, .bool, .sequence, .mapping:
      note(.wrongType(expected: "an integer", found: node.kindName), at: node)
      return nil
    }
    if exact == nil {
      let range = "an integer from \(T.min) to \(T.max)"
      note(.notAllowed(node.scalarText, expected: range), at: node)
    }
    return exact
  }

  mutating func double(_ node: Node) -> Double? {
    switch node.content {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    case .string("NaN"): return .nan
    case .string("Infinity"): return .infinity
    case .string("-Infinity"): return -.infinity
    case .string(let text):
      if let value = Double(text), value.isFinite, !text.utf8.contains(UInt8(ascii: "x")) {
        return value
      }
      note(.notAllowed(text, expected: "a number"), at: node)
    case .null, .bool, .sequence, .mapping:
      note(.wrongType(expected: "a number", found: node.kindName), at: node)
    }
    return nil
  }

  private mutating func float(_ node: Node) -> Float? {
    guard let value = double(node) else { return nil }
    let narrow = Float(value)
    if value.isFinite && !narrow.isFinite {
      note(.notAllowed(node.scalarText, expected: "a number that 32 bits hold"), at: node)
      return nil
    }
    return narrow
  }

  private mutating func bool(_ node: Node) -> UInt64? {
    guard case .bool(let value) = node.content else {
      note(.wrongType(expected: "a boolean", found: node.kindName), at: node)
      return nil
    }
    return value ? 1 : 0
  }

  private mutating func enumValue(_ node: Node, _ type: EnumType) -> UInt64? {
    switch node.content {
    case .string(let name):
      if let number = type.number(of: name) { return UInt64(bitPattern: Int64(number)) }
      note(.unknownEnumValue(name, in: type), at: node)
    case .integer(let number):
      if let number = Int32(exactly: number) { return UInt64(bitPattern: Int64(number)) }
      note(.notAllowed(String(number), expected: "a value of \(type.name)"), at: node)
    case .null where type.name == "google.protobuf.NullValue": return 0
    case .null, .bool, .number, .sequence, .mapping:
      note(.wrongType(expected: "a value of \(type.name)", found: node.kindName), at: node)
    }
    return nil
  }
}

extension Node {
  /// A scalar as a message quotes it.
  var scalarText: String {
    switch content {
    case .null: "null"
    case .bool(let value): String(value)
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .string(let value): value
    case .sequence, .mapping: kindName
    }
  }
}

extension [UInt8] {
  mutating func append(tag number: Int, _ wireType: WireType) {
    appendVarint(UInt64(number) << 3 | UInt64(wireType.rawValue))
  }

  mutating func append(_ bits: UInt64, as wireType: WireType) {
    switch wireType {
    case .varint: appendVarint(bits)
    case .fixed32: for shift in 0..<4 { append(UInt8(truncatingIfNeeded: bits >> (8 * shift))) }
    case .fixed64: for shift in 0..<8 { append(UInt8(truncatingIfNeeded: bits >> (8 * shift))) }
    case .lengthDelimited: preconditionFailure("a length stands before text, not in it")
    }
  }

  /// Tag, length and contents.
  mutating func append(field number: Int, _ contents: some Collection<UInt8>) {
    append(tag: number, .lengthDelimited)
    appendVarint(UInt64(contents.count))
    append(contentsOf: contents)
  }
}
