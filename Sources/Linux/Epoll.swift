private import CLinux
private import Glibc

/// The kernel's list of descriptors to watch, level-triggered: what is ready is reported until it has
/// been dealt with, so a reader may stop early and be called again.
@safe package final class Epoll {
  package struct Interest: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let readable = Interest(rawValue: 1)
    package static let writable = Interest(rawValue: 2)

    fileprivate var events: UInt32 {
      (contains(.readable) ? EPOLLIN.rawValue | EPOLLRDHUP.rawValue : 0)
        | (contains(.writable) ? EPOLLOUT.rawValue : 0)
    }
  }

  package struct Event: Sendable {
    /// What ``add(_:_:token:)`` was given.
    package let token: UInt64
    package let ready: Interest
    /// The other side has gone or the descriptor has failed; reading says which.
    package let isBroken: Bool
  }

  /// Events told at once: of a crowd, all who have come lately are seen before much is done for any.
  private static let batch = 1024

  /// Readable while something in the list is ready: one list can be watched by another.
  package let descriptor: FileDescriptor

  /// Where the kernel tells events, for as long as there is the list: it is waited for often.
  private let told: UnsafeMutableBufferPointer<epoll_event>

  package init() throws(LinuxError) {
    descriptor = FileDescriptor(
      owning: try call("create an epoll") { epoll_create1(CInt(EPOLL_CLOEXEC)) })
    unsafe told = .allocate(capacity: Epoll.batch)
  }

  deinit { unsafe told.deallocate() }

  package func add(
    _ watched: FileDescriptor, _ interest: Interest, token: UInt64
  ) throws(LinuxError) {
    try control(EPOLL_CTL_ADD, watched, interest, token)
  }

  package func change(
    _ watched: FileDescriptor, _ interest: Interest, token: UInt64
  ) throws(LinuxError) {
    try control(EPOLL_CTL_MOD, watched, interest, token)
  }

  package func remove(_ watched: FileDescriptor) throws(LinuxError) {
    try control(EPOLL_CTL_DEL, watched, [], 0)
  }

  /// Watches a descriptor that a C library owns, or changes what of it is watched. The library says
  /// ``forget(borrowed:)`` when it closes it.
  package func follow(borrowed number: CInt, _ interest: Interest, token: UInt64) {
    let list = descriptor.number
    var event = unsafe epoll_event(events: interest.events, data: epoll_data_t(u64: token))
    guard unsafe epoll_ctl(list, EPOLL_CTL_MOD, number, &event) != 0 else { return }
    // Not watched yet. One that is closed by now is never ready, as if it were watched.
    _ = unsafe epoll_ctl(list, EPOLL_CTL_ADD, number, &event)
  }

  /// Closed descriptors forget themselves.
  package func forget(borrowed number: CInt) {
    var event = unsafe epoll_event()
    _ = unsafe epoll_ctl(descriptor.number, EPOLL_CTL_DEL, number, &event)
  }

  /// Waits until something is ready or `timeout` has passed; without one, until something is ready.
  package func wait(timeout: Duration?) throws(LinuxError) -> [Event] {
    let number = descriptor.number
    let milliseconds = timeout.map(Epoll.milliseconds) ?? -1
    // Interrupted by a signal counts as nothing ready: the caller looks at its timers and returns.
    let count = unsafe max(
      0, Int(epoll_wait(number, told.baseAddress, CInt(Epoll.batch), milliseconds)))
    return unsafe told[..<count].map { event in
      var ready: Interest = []
      let flags = unsafe event.events
      if flags & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { ready.insert(.readable) }
      if flags & EPOLLOUT.rawValue != 0 { ready.insert(.writable) }
      return Event(
        token: unsafe event.data.u64, ready: ready,
        isBroken: flags & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
    }
  }

  /// Rounded up, so that a timer is never early and the loop does not spin through its last moment.
  static func milliseconds(_ duration: Duration) -> CInt {
    guard duration > .zero else { return 0 }
    guard duration < .seconds(1_000_000) else { return CInt.max }
    let (seconds, attoseconds) = duration.components
    return CInt(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  private func control(
    _ operation: CInt, _ watched: FileDescriptor, _ interest: Interest, _ token: UInt64
  ) throws(LinuxError) {
    let number = descriptor.number
    var event = unsafe epoll_event(events: interest.events, data: epoll_data_t(u64: token))
    _ = try call("watch a descriptor") {
      unsafe epoll_ctl(number, operation, watched.number, &event)
    }
  }
}
