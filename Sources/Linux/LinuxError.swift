private import Glibc

/// A system call that failed: what was attempted, and the system's reason.
package struct LinuxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// As a phrase: "listen on 127.0.0.1:15010".
  package let attempt: String
  /// The `errno` value; 0 where the failure has no number, and ``reason`` says it all.
  package let code: CInt
  package let reason: String

  package init(_ attempt: String, code: CInt) {
    self.attempt = attempt
    self.code = code
    self.reason = unsafe String(cString: strerror(code))
  }

  package init(_ attempt: String, reason: String) {
    self.attempt = attempt
    self.code = 0
    self.reason = reason
  }

  package var description: String { "cannot \(attempt): \(reason)" }

  /// The file or directory does not exist, or a part of its path does not.
  package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }
}

/// Runs a system call until a signal no longer interrupts it, and throws for -1.
func call(
  _ attempt: @autoclosure () -> String, _ body: () -> CInt
) throws(LinuxError) -> CInt {
  while true {
    let result = body()
    if result >= 0 { return result }
    let code = errno
    guard code == EINTR else { throw LinuxError(attempt(), code: code) }
  }
}

/// What a non-blocking read or write did.
package enum Transfer: Hashable, Sendable {
  case bytes(Int)
  /// Nothing now; epoll will say when.
  case wouldBlock
  /// The other side is done writing, or has gone.
  case ended
}

/// As ``call(_:_:)``, for calls that count bytes.
func transfer(
  _ attempt: @autoclosure () -> String, _ body: () -> Int
) throws(LinuxError) -> Transfer {
  while true {
    let result = body()
    if result > 0 { return .bytes(result) }
    if result == 0 { return .ended }
    let code = errno
    switch code {
    case EINTR: continue
    case EAGAIN: return .wouldBlock
    case EPIPE, ECONNRESET: return .ended
    default: throw LinuxError(attempt(), code: code)
    }
  }
}
