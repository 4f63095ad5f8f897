private import Glibc

/// A socket that clients connect to. It does not block: ``accept()`` answers nil when nobody waits.
///
/// A Unix socket's file is removed before (one left by a process that died) and after.
package final class ListeningSocket: Sendable {
  package let descriptor: FileDescriptor
  /// Where it really listens: the port the kernel chose where 0 was asked for.
  package let address: SocketAddress

  package init(on wanted: SocketAddress) throws(LinuxError) {
    switch wanted {
    case .tcp(let host, let port):
      (descriptor, address) = try listening(host: host, port: port, for: wanted)
    case .unix(let path):
      descriptor = try listening(path: path, for: wanted)
      address = wanted
    }
  }

  deinit {
    if case .unix(let path) = address { unsafe unlink(path) }
  }

  /// The next client, not blocking; nil when none waits.
  package func accept() throws(LinuxError) -> Socket? {
    while true {
      if let client = Socket.accept(on: descriptor) { return client }
      let code = errno
      switch code {
      // accept(2): a client that has gone again is no trouble of this socket.
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, EHOSTDOWN, ENETUNREACH, EHOSTUNREACH: continue
      case EAGAIN: return nil
      default: throw LinuxError("accept a client on \(address)", code: code)
      }
    }
  }
}

private let nonBlocking = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

private func listening(
  host: String, port: UInt16, for wanted: SocketAddress
) throws(LinuxError) -> (FileDescriptor, SocketAddress) {
  var hints = unsafe addrinfo()
  unsafe hints.ai_flags = AI_PASSIVE
  unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
  // "Every interface" is meant to hold IPv4 clients, which an IPv6 wildcard does unless told not to.
  unsafe hints.ai_family = host.isEmpty && hasIPv6() ? AF_INET6 : AF_UNSPEC
  var found: UnsafeMutablePointer<addrinfo>?
  let code = unsafe getaddrinfo(host.isEmpty ? nil : host, "\(port)", &hints, &found)
  guard code == 0, let first = unsafe found else {
    throw LinuxError("listen on \(wanted)", reason: unsafe String(cString: gai_strerror(code)))
  }
  defer { unsafe freeaddrinfo(first) }
  let socket = try stream(family: unsafe first.pointee.ai_family, for: wanted)
  var yes: CInt = 1
  // Without it, a restarted server waits a minute for the old one's connections to be forgotten.
  _ = try call("listen on \(wanted)") {
    unsafe setsockopt(
      socket.number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
  }
  _ = try call("listen on \(wanted)") {
    unsafe bind(socket.number, first.pointee.ai_addr, first.pointee.ai_addrlen)
  }
  _ = try call("listen on \(wanted)") { listen(socket.number, SOMAXCONN) }
  return (socket, .tcp(host: host, port: try boundPort(of: socket)))
}

private func listening(path: String, for wanted: SocketAddress) throws(LinuxError) -> FileDescriptor
{
  let socket = try stream(family: AF_UNIX, for: wanted)
  var name = sockaddr_un()
  name.sun_family = sa_family_t(AF_UNIX)
  unsafe withUnsafeMutableBytes(of: &name.sun_path) { target in
    // SocketAddress holds no path that does not fit.
    unsafe target.copyBytes(from: path.utf8)
  }
  unsafe unlink(path)
  _ = try call("listen on \(wanted)") {
    unsafe withUnsafePointer(to: &name) { name in
      unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        unsafe bind(socket.number, name, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
  _ = try call("listen on \(wanted)") { listen(socket.number, SOMAXCONN) }
  return socket
}

private func stream(family: CInt, for wanted: SocketAddress) throws(LinuxError) -> FileDescriptor {
  FileDescriptor(
    owning: try call("listen on \(wanted)") {
      socket(family, CInt(SOCK_STREAM.rawValue) | nonBlocking, 0)
    })
}

private func hasIPv6() -> Bool {
  let probe = socket(AF_INET6, CInt(SOCK_STREAM.rawValue) | nonBlocking, 0)
  guard probe >= 0 else { return false }
  close(probe)
  return true
}

private func boundPort(of socket: FileDescriptor) throws(LinuxError) -> UInt16 {
  var storage = sockaddr_storage()
  var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
  _ = try call("ask for the port of a socket") {
    unsafe withUnsafeMutablePointer(to: &storage) { storage in
      unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe getsockname(socket.number, address, &size)
      }
    }
  }
  return unsafe withUnsafeBytes(of: &storage) { bytes in
    // sin_port and sin6_port stand at the same place, after the family.
    unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
  }
}
