private import Glibc

/// An open file, socket or kernel object, closed when its last owner lets go.
package final class FileDescriptor: Sendable {
  package let number: CInt

  /// Takes ownership of `number`, which must be open and owned by nobody else.
  package init(owning number: CInt) { self.number = number }

  // An error of close leaves nothing to do: Linux has released the number in every case.
  deinit { _ = Glibc.close(number) }

  /// Reads what is there, up to the buffer's size, without waiting if the descriptor does not block.
  package func read(into buffer: inout [UInt8]) throws(LinuxError) -> Transfer {
    let number = number
    return try transfer("read") {
      unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
    }
  }

  /// Reads so many bytes, or until there are no more.
  func contents(upTo count: Int) throws(LinuxError) -> [UInt8] {
    let number = number
    var failure: LinuxError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(LinuxError) {
        while filled < count {
          let start = filled
          let transfer = try transfer("read") {
            unsafe Glibc.read(number, buffer.baseAddress! + start, count - start)
          }
          guard case .bytes(let more) = transfer, more > 0 else { return }
          filled += more
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes the bytes from `start` on, or as many as are taken now.
  package func write(_ bytes: [UInt8], from start: Int = 0) throws(LinuxError) -> Transfer {
    guard start < bytes.count else { return .bytes(0) }
    let number = number
    return try transfer("write") {
      unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(number, $0.baseAddress! + start, $0.count - start)
      }
    }
  }
}
