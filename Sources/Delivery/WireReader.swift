/// Why bytes are not the protobuf message they should be.
package enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
  case truncated
  case overlongVarint
  case fieldNumber(UInt64)
  case wireType(UInt8, field: Int)
  case notUTF8(field: Int)
  case tooDeep(limit: Int)
  case tooLong(count: Int, limit: Int)

  package var description: String {
    switch self {
    case .truncated: "the message ends in the middle of a field"
    case .overlongVarint: "a number is longer than 10 bytes"
    case .fieldNumber(let number): "\(number) is no field number"
    case .wireType(let type, let field): "field \(field) has the unknown wire type \(type)"
    case .notUTF8(let field): "the text in field \(field) is not UTF-8"
    case .tooDeep(let limit): "more than \(limit) levels of nesting"
    case .tooLong(let count, let limit): "\(count) bytes where \(limit) are allowed"
    }
  }
}

/// Walks the fields of one protobuf message in bytes that a peer sent.
///
/// It never recurses and never allocates for what the bytes merely announce: a length is checked
/// against what is there. Nesting is up to the caller, who asks for a reader of a field's bytes.
package struct WireReader {
  package enum Value: Hashable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(Range<Int>)
  }

  package struct Field: Hashable {
    package let number: Int
    package let value: Value
  }

  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  package init(_ bytes: [UInt8]) {
    self.init(bytes, within: bytes.indices)
  }

  private init(_ bytes: [UInt8], within range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field, or nil at the end of the message.
  package mutating func next() throws(WireError) -> Field? {
    guard position < end else { return nil }
    let tag = try varint()
    let number = tag >> 3
    guard number >= 1, number < 1 << 29 else { throw .fieldNumber(number) }
    let value: Value
    switch tag & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try fixed(8))
    case 2: value = .bytes(try lengthPrefixed())
    case 5: value = .fixed32(UInt32(truncatingIfNeeded: try fixed(4)))
    // Groups (3 and 4) are not part of proto3 and nothing in xDS has one.
    case let other: throw .wireType(UInt8(other), field: Int(number))
    }
    return Field(number: Int(number), value: value)
  }

  /// A reader of the message that a field's bytes are.
  package func message(_ range: Range<Int>) -> WireReader { WireReader(bytes, within: range) }

  package func text(_ range: Range<Int>, field: Int) throws(WireError) -> String {
    guard let text = try? UTF8Span(validating: bytes.span.extracting(range)) else {
      throw .notUTF8(field: field)
    }
    return String(copying: text)
  }

  package func copy(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

  private mutating func varint() throws(WireError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw .truncated }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw .overlongVarint
  }

  private mutating func lengthPrefixed() throws(WireError) -> Range<Int> {
    let length = try varint()
    guard length <= UInt64(end - position) else { throw .truncated }
    let range = position..<(position + Int(length))
    position = range.upperBound
    return range
  }

  private mutating func fixed(_ width: Int) throws(WireError) -> UInt64 {
    guard width <= end - position else { throw .truncated }
    var value: UInt64 = 0
    for offset in 0..<width {
      value |= UInt64(bytes[position + offset]) << UInt64(8 * offset)
    }
    position += width
    return value
  }
}
