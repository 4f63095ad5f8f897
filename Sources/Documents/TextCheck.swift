internal import Diagnostics

/// Whether bytes are text that YAML and JSON allow: UTF-8 without control characters (YAML 1.1 §4.1.1).
/// Checked for the whole file first, because what a file is taken for must not depend on where in it a
/// stray byte stands.
enum TextCheck {
  /// Why the bytes are not text; nil where they are.
  static func problem(in bytes: [UInt8], file: String) -> Diagnostic? {
    if let encoding = otherEncoding(bytes) {
      return .otherEncoding(encoding, file: file)
    }
    var offset = TextLines(behindMarkOf: bytes).offset
    while true {
      offset = endOfPlain(in: bytes, from: offset)
      guard offset < bytes.count else { return nil }
      let byte = bytes[offset]
      if byte >= 0x20 && byte < 0x7F || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        offset += 1
        continue
      }
      let length = lengthOfCharacter(bytes, at: offset)
      guard length > 0 else {
        return notText(bytes, at: offset, file: file)
      }
      offset += length
    }
  }

  /// Where the bytes from there on are first, eight at a time, not all plain: before it they are.
  private static func endOfPlain(in bytes: [UInt8], from start: Int) -> Int {
    var offset = start
    while let word = TextWord(bytes, at: offset), word.isPlain { offset += 8 }
    return offset
  }

  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private static func otherEncoding(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      return "UTF-16"
    }
    // Text in UTF-16 without a mark: every other byte of ASCII is zero.
    guard bytes.count >= 4 else { return nil }
    let zeros = bytes.prefix(4).map { $0 == 0 }
    return zeros == [true, false, true, false] || zeros == [false, true, false, true]
      ? "UTF-16" : nil
  }

  /// The bytes of the character beyond ASCII that begins there; 0 where none does, or none that text
  /// may hold.
  private static func lengthOfCharacter(_ bytes: [UInt8], at offset: Int) -> Int {
    let first = bytes[offset]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
    guard length > 0, first < 0xF5, offset + length <= bytes.count else { return 0 }
    var scalar = UInt32(first) & (0x7F >> UInt32(length))
    for index in 1..<length {
      let next = bytes[offset + index]
      guard next & 0xC0 == 0x80 else { return 0 }
      scalar = scalar << 6 | UInt32(next & 0x3F)
    }
    switch scalar {
    case 0x85 where length == 2, 0xA0...0x7FF where length == 2: return 2
    case 0x800...0xD7FF where length == 3: return 3
    case 0xE000...0xFFFD where length == 3 && scalar != 0xFEFF: return 3
    case 0x10000...0x10FFFF where length == 4: return 4
    default: return 0
    }
  }

  private static func notText(
    _ bytes: [UInt8], at offset: Int, file: String
  ) -> Diagnostic {
    var lines = TextLines()
    var start = lines
    while lines.offset <= offset && lines.offset < bytes.count {
      start = lines
      lines.go(toLine: lines.line + 1, in: bytes)
    }
    let column = bytes[start.offset..<offset].count { $0 & 0xC0 != 0x80 } + 1
    let byte = String(bytes[offset], radix: 16, uppercase: true)
    return .notText(
      "byte 0x\(byte.count == 1 ? "0" + byte : byte)", offset: offset,
      at: Place(file: file, line: start.line + 1, column: column))
  }
}
