/// Appends protobuf fields to a byte array: only what the few small parts around a resource need.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func text(_ value: String, field: Int) {
    length(value.utf8.count, field: field)
    raw(value.utf8)
  }

  mutating func raw(_ value: some Sequence<UInt8>) { bytes += value }

  /// A field's tag and length; its bytes are up to the caller.
  mutating func length(_ count: Int, field: Int) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(count))
  }

  /// The bytes of a length-delimited field of `count` bytes, its tag and length included.
  static func size(of count: Int, field: Int) -> Int {
    varintSize(UInt64(field) << 3) + varintSize(UInt64(count)) + count
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func varintSize(_ value: UInt64) -> Int {
    max(1, (UInt64.bitWidth - value.leadingZeroBitCount + 6) / 7)
  }
}
