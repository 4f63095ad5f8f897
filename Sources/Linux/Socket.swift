private import CLinux
private import Glibc

/// A connection that a client made, which never blocks.
package final class Socket: Sendable {
  package let descriptor: FileDescriptor
  /// Who is at the other end; the path of a client's Unix socket is almost always empty.
  package let peer: SocketAddress

  /// IOV_MAX, a macro that Swift does not see.
  private static let maxParts = 1024

  init(_ descriptor: FileDescriptor, peer: SocketAddress) {
    self.descriptor = descriptor
    self.peer = peer
  }

  /// Reads what is there, up to the buffer's size.
  package func read(into buffer: inout [UInt8]) throws(LinuxError) -> Transfer {
    try descriptor.read(into: &buffer)
  }

  /// Writes the parts one after the other, or as much of them as the kernel has room for.
  package func write(_ parts: [ArraySlice<UInt8>]) throws(LinuxError) -> Transfer {
    let number = descriptor.number
    // What they refer to stays where it is as long as `parts` does.
    defer { withExtendedLifetime(parts) {} }
    var vectors = unsafe parts.prefix(Socket.maxParts).map { part in
      unsafe part.withUnsafeBytes {
        unsafe iovec(
          iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
      }
    }
    guard unsafe !vectors.isEmpty else { return .bytes(0) }
    return try transfer("write to \(peer)") {
      unsafe vectors.withUnsafeMutableBufferPointer { buffer in
        var message = unsafe msghdr()
        unsafe message.msg_iov = buffer.baseAddress
        unsafe message.msg_iovlen = buffer.count
        return unsafe sendmsg(number, &message, CInt(MSG_NOSIGNAL))
      }
    }
  }

  /// Tells the other end that nothing more comes, once it has read what was written.
  package func finishWriting() throws(LinuxError) {
    let number = descriptor.number
    _ = try call("finish writing to \(peer)") { shutdown(number, CInt(SHUT_WR)) }
  }
}

extension LinuxError {
  /// The process or the machine has nothing left to accept a connection with; later it may.
  package var isOutOfResources: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }
}

extension Socket {
  /// What accept(2) gives, or -1 and `errno`.
  static func accept(on listener: FileDescriptor) -> Socket? {
    var name = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
    var count = socklen_t(name.count)
    let number = unsafe name.withUnsafeMutableBytes { buffer in
      unsafe buffer.withMemoryRebound(to: sockaddr.self) {
        unsafe linux_accept(listener.number, $0.baseAddress, &count)
      }
    }
    guard number >= 0 else { return nil }
    let descriptor = FileDescriptor(owning: number)
    let peer = SocketAddress(name: Array(name.prefix(Int(count))))
    if case .tcp = peer {
      var yes: CInt = 1
      // It costs a delay, not the connection, if this fails.
      _ = unsafe setsockopt(
        number, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
    }
    return Socket(descriptor, peer: peer)
  }
}

extension SocketAddress {
  /// From the bytes of a sockaddr. An IPv4 client of an IPv6 socket is shown as what it is.
  fileprivate init(name: [UInt8]) {
    guard name.count > 2, CInt(name[0]) != AF_UNIX else {
      self = .unix(path: String(decoding: name.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self))
      return
    }
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: 32)
    let code = unsafe name.withUnsafeBytes { buffer in
      unsafe buffer.withMemoryRebound(to: sockaddr.self) {
        unsafe getnameinfo(
          $0.baseAddress, socklen_t(buffer.count), &host, socklen_t(host.count), &port,
          socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    precondition(code == 0, "the kernel's address of a TCP peer has a numeric form")
    let mapped = "::ffff:"
    let text = SocketAddress.text(host)
    self = .tcp(
      host: text.hasPrefix(mapped) ? String(text.dropFirst(mapped.count)) : text,
      port: UInt16(SocketAddress.text(port)) ?? 0)
  }

  private static func text(_ chars: [CChar]) -> String {
    String(decoding: chars.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
