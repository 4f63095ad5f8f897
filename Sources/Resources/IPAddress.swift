/// An IP address, as Go's `netip.ParseAddr` reads it: no leading zeros, no ports, a zone only with IPv6.
///
/// Ordered by number, IPv4 first.
package struct IPAddress: Hashable, Comparable, Sendable {
  /// Four bytes, or sixteen.
  package let bytes: [UInt8]

  package var isIPv6: Bool { bytes.count == 16 }

  package static func < (a: Self, b: Self) -> Bool {
    a.isIPv6 == b.isIPv6 ? a.bytes.lexicographicallyPrecedes(b.bytes) : b.isIPv6
  }

  /// Of four bytes, or sixteen.
  package init(_ bytes: [UInt8]) {
    precondition(bytes.count == 4 || bytes.count == 16, "addresses have 4 bytes or 16")
    self.bytes = bytes
  }

  package init?(_ text: String) {
    let utf8 = text.utf8Span.span
    guard utf8.count <= 128 else { return nil }
    guard
      let bytes = text.utf8.contains(UInt8(ascii: ":"))
        ? parseIPv6(Array(text.utf8)) : parseIPv4(utf8)
    else { return nil }
    self.bytes = bytes
  }

  /// As RFC 5952 writes it, and IPv4 within IPv6 with dots.
  package var text: String {
    guard isIPv6 else { return bytes.map(String.init).joined(separator: ".") }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
    if bytes.starts(with: mapped) {
      return "::ffff:" + bytes.dropFirst(12).map(String.init).joined(separator: ".")
    }
    let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
    let zeros = groups.indices.map { start in
      start..<(groups[start...].firstIndex { $0 != 0 } ?? groups.endIndex)
    }
    let hexadecimal = { (groups: ArraySlice<Int>) in
      groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
    // Of equally long runs the first, as `max` takes it.
    guard let run = zeros.max(by: { $0.count < $1.count }), run.count > 1 else {
      return hexadecimal(groups[...])
    }
    return hexadecimal(groups[..<run.lowerBound]) + "::" + hexadecimal(groups[run.upperBound...])
  }
}

/// A range of IP addresses: an address and how many of its leading bits count. Ordered by address,
/// then length.
package struct CIDR: Hashable, Comparable, Sendable {
  package let address: IPAddress
  package let length: Int

  /// `10.0.0.0/8`; an address alone is the range of itself.
  package init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let first = parts.first, let address = IPAddress(String(Substring(first))) else {
      return nil
    }
    self.address = address
    if parts.count == 1 {
      length = address.bytes.count * 8
      return
    }
    guard parts.count == 2, (1...3).contains(parts[1].count), let length = Int(Substring(parts[1])),
      parts[1].first != UInt8(ascii: "+"),
      parts[1].first != UInt8(ascii: "0") || parts[1].count == 1,
      (0...address.bytes.count * 8).contains(length), !text.utf8.contains(UInt8(ascii: "%"))
    else { return nil }
    self.length = length
  }

  package static func < (a: Self, b: Self) -> Bool { (a.address, a.length) < (b.address, b.length) }

  /// Whether it is of one address.
  package var isWhole: Bool { length == address.bytes.count * 8 }

  package func contains(_ other: IPAddress) -> Bool {
    guard other.bytes.count == address.bytes.count else { return false }
    let whole = length / 8
    guard address.bytes.prefix(whole) == other.bytes.prefix(whole) else { return false }
    let rest = length % 8
    guard rest > 0 else { return true }
    let mask = ~(UInt8.max >> UInt8(rest))
    return address.bytes[whole] & mask == other.bytes[whole] & mask
  }
}

private func parseIPv4(_ text: Span<UInt8>) -> [UInt8]? {
  var address: UInt32 = 0
  var (part, digits, dots): (UInt32, Int, Int) = (0, 0, 0)
  for place in text.indices {
    let letter = text[place]
    if letter == UInt8(ascii: ".") {
      guard digits > 0, dots < 3 else { return nil }
      address = address << 8 | part
      (part, digits, dots) = (0, 0, dots + 1)
    } else {
      guard (48...57).contains(letter), digits == 0 || part > 0 else { return nil }
      part = part * 10 + UInt32(letter - 48)
      digits += 1
      guard part < 256 else { return nil }
    }
  }
  guard dots == 3, digits > 0 else { return nil }
  address = address << 8 | part
  return [
    UInt8(address >> 24), UInt8(address >> 16 & 255), UInt8(address >> 8 & 255),
    UInt8(address & 255),
  ]
}

/// RFC 4291 §2.2: groups of hexadecimal digits, `::` once for zeros, IPv4 in the last four bytes.
private func parseIPv6(_ text: [UInt8]) -> [UInt8]? {
  var text = text[...]
  if let zone = text.firstIndex(of: UInt8(ascii: "%")) {
    guard zone < text.endIndex - 1 else { return nil }
    text = text[..<zone]
  }
  var groups: [UInt8] = []
  var gap: Int?
  if text.starts(with: "::".utf8) {
    gap = 0
    text = text.dropFirst(2)
  }
  while !text.isEmpty {
    guard groups.count < 16 else { return nil }
    let group = text.prefix { $0 != UInt8(ascii: ":") }
    if group.contains(UInt8(ascii: ".")) {
      guard group.endIndex == text.endIndex, let bytes = parseIPv4(group.span) else { return nil }
      groups += bytes
      text = text[group.endIndex...]
      break
    }
    guard (1...4).contains(group.count), let value = hexadecimal(group) else { return nil }
    groups += [UInt8(value >> 8), UInt8(value & 255)]
    text = text[group.endIndex...]
    if text.isEmpty { break }
    text = text.dropFirst()
    if text.first == UInt8(ascii: ":") {
      guard gap == nil else { return nil }
      gap = groups.count
      text = text.dropFirst()
    } else if text.isEmpty {
      return nil
    }
  }
  guard let gap else { return groups.count == 16 ? groups : nil }
  guard groups.count < 16 else { return nil }
  groups.insert(contentsOf: [UInt8](repeating: 0, count: 16 - groups.count), at: gap)
  return groups
}

private func hexadecimal(_ digits: ArraySlice<UInt8>) -> Int? {
  var value = 0
  for digit in digits {
    switch digit {
    case 48...57: value = value << 4 | Int(digit - 48)
    case 65...70: value = value << 4 | Int(digit - 55)
    case 97...102: value = value << 4 | Int(digit - 87)
    default: return nil
    }
  }
  return value
}
