import Foundation
import Glibc
import TestSupport

struct SystemFailure: Error {
  let attempt: String
  let code = errno
}

/// Bytes to a server and back, for what curl would never send.
final class Client {
  private let descriptor: CInt

  init(port: UInt16) throws {
    guard let connected = Loopback.connect(port: Int(port)) else {
      throw SystemFailure(attempt: "connect")
    }
    descriptor = connected
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws {
    let sent = Array(text.utf8).withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
    }
    guard sent == text.utf8.count else { throw SystemFailure(attempt: "send") }
  }

  /// Whether bytes of the server, or its end, come before so much time has passed.
  func hasReply(withinMilliseconds patience: CInt) -> Bool {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, patience) > 0
  }

  /// The next bytes of the server; empty when it has closed.
  func reply() -> String {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}

func curl(_ arguments: String...) throws -> String {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(filePath: "/usr/bin/curl")
  process.arguments = ["--max-time", "10"] + arguments
  process.standardOutput = output
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: text, as: UTF8.self)
}
