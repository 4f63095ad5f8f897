/// The bytes of a text in base64 (RFC 4648 §4), line breaks skipped; nil where it is none.
package func decodeBase64(_ text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count / 4 * 3)
  var group: UInt32 = 0
  var digits = 0
  var padding = 0
  for byte in text.utf8 where byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r") {
    if byte == UInt8(ascii: "=") {
      padding += 1
      continue
    }
    guard padding == 0, let digit = base64Digit(byte) else { return nil }
    group = group << 6 | digit
    digits += 1
    if digits == 4 {
      bytes += [UInt8(group >> 16 & 255), UInt8(group >> 8 & 255), UInt8(group & 255)]
      (group, digits) = (0, 0)
    }
  }
  switch (digits, padding) {
  case (0, 0): break
  case (2, 2): bytes.append(UInt8(group >> 4 & 255))
  case (3, 1): bytes += [UInt8(group >> 10 & 255), UInt8(group >> 2 & 255)]
  default: return nil
  }
  return bytes
}

private func base64Digit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
  case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
  case UInt8(ascii: "+"): 62
  case UInt8(ascii: "/"): 63
  default: nil
  }
}
