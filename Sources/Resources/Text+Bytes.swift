extension String {
  /// It holds the byte.
  package func has(_ byte: UInt8) -> Bool {
    var text = self
    return text.withUTF8 { unsafe $0.contains(byte) }
  }

  /// All of it is ASCII, and no letter of it is a capital.
  package var isLowercaseASCII: Bool {
    var text = self
    return text.withUTF8 { bytes in
      for place in bytes.indices {
        let byte = unsafe bytes[place]
        if byte >= 0x80 || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")) { return false }
      }
      return true
    }
  }
}
