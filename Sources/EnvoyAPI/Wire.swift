package import Segments

/// How a field's bytes are laid out (protobuf encoding, "Message Structure"). Groups are not used by
/// any published message and are refused.
enum WireType: UInt8, Sendable {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case fixed32 = 5
}

/// One field of an encoded message.
struct WireField: Hashable, Sendable {
  let number: Int
  let wireType: WireType
  /// Where everything behind the tag stands, a length included.
  let raw: Range<Int>
  /// Where the value stands; for a length-delimited field, without its length.
  let contents: Range<Int>
  /// The number, for the other three; bits as they came.
  let bits: UInt64
}

/// Walks the fields of one message in bytes that may come from a peer: never further than the end,
/// never into what a field holds.
struct WireReader {
  let bytes: [UInt8]
  private var at: Int
  private let end: Int

  init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    at = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  /// False after ``next()`` answered nil because the bytes are no message.
  var isAtEnd: Bool { at == end }

  mutating func next() -> WireField? {
    let start = at
    guard at < end, let tag = varint(), tag >> 3 > 0, tag >> 3 < 1 << 29,
      let wireType = WireType(rawValue: UInt8(tag & 7)), let field = value(tag, wireType)
    else {
      at = start
      return nil
    }
    return field
  }

  private mutating func value(_ tag: UInt64, _ wireType: WireType) -> WireField? {
    let start = at
    var contents = at..<at
    var bits: UInt64 = 0
    switch wireType {
    case .varint:
      guard let number = varint() else { return nil }
      bits = number
      contents = start..<at
    case .fixed64, .fixed32:
      guard let number = fixed(wireType == .fixed64 ? 8 : 4) else { return nil }
      bits = number
      contents = start..<at
    case .lengthDelimited:
      guard let length = varint(), length <= UInt64(end - at) else { return nil }
      contents = at..<(at + Int(length))
      at = contents.upperBound
    }
    return WireField(
      number: Int(tag >> 3), wireType: wireType, raw: start..<at, contents: contents, bits: bits)
  }

  /// One number of a packed list.
  mutating func number(_ wireType: WireType) -> UInt64? {
    switch wireType {
    case .varint: varint()
    case .fixed64: fixed(8)
    case .fixed32: fixed(4)
    case .lengthDelimited: nil
    }
  }

  private mutating func fixed(_ size: Int) -> UInt64? {
    guard end - at >= size else { return nil }
    var bits: UInt64 = 0
    for index in 0..<size { bits |= UInt64(bytes[at + index]) << UInt64(8 * index) }
    at += size
    return bits
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < end, shift < 64 {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}

/// Tag and length of a length-delimited field, which stand before its contents.
struct FieldPrefix: Sendable {
  private let tag: UInt64
  private let length: UInt64

  init(number: Int, length: Int) {
    tag = UInt64(number) << 3 | UInt64(WireType.lengthDelimited.rawValue)
    self.length = UInt64(length)
  }

  var count: Int { Self.size(of: Int(tag)) + Self.size(of: Int(length)) }

  /// How many bytes a varint takes.
  static func size(of value: Int) -> Int {
    (Int.bitWidth - (value | 1).leadingZeroBitCount + 6) / 7
  }

  /// Writes the prefix at the start of `buffer`, which has room for it.
  func write(to buffer: UnsafeMutableRawBufferPointer) {
    guard var end = buffer.baseAddress else { return }
    unsafe end.writeVarint(tag)
    unsafe end.writeVarint(length)
  }

  var bytes: [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      unsafe write(to: UnsafeMutableRawBufferPointer(buffer))
      written = count
    }
  }
}

extension UnsafeMutableRawPointer {
  /// Writes the number there, which takes ten bytes at most, and goes on behind it.
  @inline(__always)
  mutating func writeVarint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      unsafe storeBytes(of: UInt8(truncatingIfNeeded: value) | 0x80, as: UInt8.self)
      unsafe self += 1
      value >>= 7
    }
    unsafe storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    unsafe self += 1
  }
}

extension [UInt8] {
  mutating func appendVarint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    append(UInt8(value))
  }
}

extension Rope {
  /// `contents` as the value of field `number` of a bigger message, by reference.
  package static func field(_ number: Int, _ contents: Rope) -> Rope {
    Rope(joining: [Rope(FieldPrefix(number: number, length: contents.count).bytes), contents])
  }
}
