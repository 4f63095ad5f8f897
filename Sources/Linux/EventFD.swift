private import CLinux
private import Glibc

/// A descriptor that becomes readable when another thread signals it.
package final class EventFD: Sendable {
  package let descriptor: FileDescriptor

  package init() throws(LinuxError) {
    descriptor = FileDescriptor(
      owning: try call("create an eventfd") {
        eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
      })
  }

  package func signal() {
    var one: UInt64 = 1
    // Fails only when the counter is full, and then it is readable already.
    _ = unsafe Glibc.write(descriptor.number, &one, 8)
  }

  /// Makes it unreadable again, however often it was signalled.
  package func clear() {
    var count: UInt64 = 0
    // Fails only when there was no signal, and then it is clear already.
    _ = unsafe Glibc.read(descriptor.number, &count, 8)
  }
}
