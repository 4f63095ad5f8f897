private import Glibc

/// The address of a machine, as a socket's address holds it.
struct NetworkAddress: CustomStringConvertible {
  /// Four bytes or sixteen; IPv4 within IPv6 (RFC 4291 §2.5.5.2) is four.
  private let bytes: [UInt8]

  /// From a `sockaddr_in` or `sockaddr_in6`; nil for other families.
  init?(family: CInt, _ socketAddress: UnsafeRawBufferPointer) {
    let place: Range<Int>
    switch family {
    case AF_INET: place = 4..<8
    case AF_INET6: place = 8..<24
    case _: return nil
    }
    guard socketAddress.count >= place.upperBound else { return nil }
    self.init(unsafe Array(socketAddress[place]))
  }

  init(_ bytes: [UInt8]) {
    let prefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    self.bytes =
      bytes.starts(with: prefix) && bytes.count == 16 ? Array(bytes.dropFirst(12)) : bytes
  }

  /// Link-local, or kept by a provider for what a machine may know of itself (istiod's
  /// `pkg/security/dial.go` lists the same).
  var isMetadata: Bool {
    guard bytes.count == 16 else {
      return bytes.starts(with: [169, 254]) || bytes == [100, 100, 100, 200]
    }
    return (bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80)
      || bytes.starts(with: [0xfd, 0x00, 0x0e, 0xc2])
  }

  var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
