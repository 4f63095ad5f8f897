private import CLinux
private import Glibc

/// A signal that asks the process for something.
package enum Signal: Int32, Sendable {
  case hangup = 1
  case interrupt = 2
  case terminate = 15
}

/// Signals as something to read: no handler runs, and epoll reports them like all else.
package final class SignalDescriptor {
  /// Readable while signals wait.
  package let descriptor: FileDescriptor

  /// Keeps `signals` from doing what they do by default, in this thread and those it starts from now
  /// on: so it is made before any thread is.
  package init(_ signals: [Signal]) throws(LinuxError) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
    let code = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    guard code == 0 else { throw LinuxError("block signals", code: code) }
    descriptor = FileDescriptor(
      owning: try call("create a signalfd") {
        unsafe signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK))
      })
  }

  /// The signals that wait.
  package func takeAll() throws(LinuxError) -> [Signal] {
    let size = MemoryLayout<signalfd_siginfo>.size
    var buffer = [UInt8](repeating: 0, count: 16 * size)
    guard case .bytes(let count) = try descriptor.read(into: &buffer) else { return [] }
    return stride(from: 0, to: count, by: size).compactMap { start in
      let number = unsafe buffer.withUnsafeBytes {
        unsafe $0.loadUnaligned(fromByteOffset: start, as: UInt32.self)
      }
      return Signal(rawValue: Int32(number))
    }
  }
}
