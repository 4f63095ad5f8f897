private import CLinux
private import Glibc

/// A descriptor that becomes readable when a time has passed.
package final class TimerFD {
  package let descriptor: FileDescriptor

  package init() throws(LinuxError) {
    descriptor = FileDescriptor(
      owning: try call("create a timer") {
        timerfd_create(CLOCK_MONOTONIC, CInt(TFD_CLOEXEC | TFD_NONBLOCK))
      })
  }

  /// Sets the time from now, in place of any set before; nil for never. It is not readable until then.
  package func set(_ duration: Duration?) throws(LinuxError) {
    var time = itimerspec()
    if let duration {
      // Zero would mean never.
      let (seconds, attoseconds) = max(duration, .nanoseconds(1)).components
      time.it_value = timespec(
        tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
    let number = descriptor.number
    _ = try call("set a timer") { unsafe timerfd_settime(number, 0, &time, nil) }
  }

  /// Makes it unreadable again.
  package func clear() throws(LinuxError) {
    var count = [UInt8](repeating: 0, count: 8)
    _ = try descriptor.read(into: &count)
  }
}
