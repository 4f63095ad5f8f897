extension String {
  /// It holds the byte.
  package func has(_ byte: UInt8) -> Bool {
    if let answer = unsafe utf8.withContiguousStorageIfAvailable({ unsafe $0.contains(byte) }) {
      return answer
    }
    var text = self
    return text.withUTF8 { unsafe $0.contains(byte) }
  }

  /// All of it is ASCII, and no letter of it is a capital.
  package var isLowercaseASCII: Bool {
    if let answer = unsafe utf8.withContiguousStorageIfAvailable({
      unsafe areLowercaseASCII($0)
    }) {
      return answer
    }
    var text = self
    return text.withUTF8 { unsafe areLowercaseASCII($0) }
  }
}

/// Eight bytes at a time. Of bytes below 0x80, adding 0x3F sets the highest bit from "A" on, and 0x25
/// from the one after "Z" on.
private func areLowercaseASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  let all = UnsafeRawBufferPointer(bytes)
  let highest: UInt64 = 0x8080_8080_8080_8080
  var place = 0
  while place + 8 <= all.count {
    let word = unsafe all.loadUnaligned(fromByteOffset: place, as: UInt64.self)
    guard word & highest == 0 else { return false }
    let fromA = word &+ 0x3F3F_3F3F_3F3F_3F3F
    let behindZ = word &+ 0x2525_2525_2525_2525
    guard fromA & ~behindZ & highest == 0 else { return false }
    place += 8
  }
  while place < all.count {
    let byte = unsafe all[place]
    if byte >= 0x80 || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")) { return false }
    place += 1
  }
  return true
}
