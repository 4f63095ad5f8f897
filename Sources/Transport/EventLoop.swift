package import Linux

/// One thread's work: descriptors, timers and messages from other threads, one at a time, so that
/// nothing the loop owns needs a lock. It is made and used on its thread alone.
package final class EventLoop {
  /// The time this turn began. All that happens in a turn happens at once.
  package private(set) var now = ContinuousClock.now
  private let epoll: Epoll
  private var actions: [UInt64: (Epoll.Event) -> Void] = [:]
  private var nextToken: UInt64 = 0
  private var timers = TimerQueue()
  private var soon: [() -> Void] = []
  private var isStopped = false

  package init() throws(LinuxError) { epoll = try Epoll() }

  /// A descriptor that the loop watches until ``cancel()``.
  package final class Watch {
    private let loop: EventLoop
    private let descriptor: FileDescriptor
    private let token: UInt64
    private var interest: Epoll.Interest
    private var isCancelled = false

    fileprivate init(
      _ loop: EventLoop, _ descriptor: FileDescriptor, _ token: UInt64, _ interest: Epoll.Interest
    ) {
      self.loop = loop
      self.descriptor = descriptor
      self.token = token
      self.interest = interest
    }

    package func change(to interest: Epoll.Interest) throws(LinuxError) {
      guard !isCancelled, interest != self.interest else { return }
      try loop.epoll.change(descriptor, interest, token: token)
      self.interest = interest
    }

    /// Events that are reported already, but not yet acted on, are forgotten too.
    package func cancel() {
      guard !isCancelled else { return }
      isCancelled = true
      loop.actions[token] = nil
      do throws(LinuxError) {
        try loop.epoll.remove(descriptor)
      } catch {
        preconditionFailure("a watched descriptor is open and known to epoll: \(error)")
      }
    }
  }

  /// Calls `action` whenever the descriptor is ready, until the watch is cancelled.
  package func watch(
    _ descriptor: FileDescriptor, _ interest: Epoll.Interest,
    _ action: @escaping (Epoll.Event) -> Void
  ) throws(LinuxError) -> Watch {
    nextToken += 1
    try epoll.add(descriptor, interest, token: nextToken)
    actions[nextToken] = action
    return Watch(self, descriptor, nextToken, interest)
  }

  /// Calls `action` with what other threads post.
  package func receive<Message>(
    from inbox: Inbox<Message>, _ action: @escaping ([Message]) -> Void
  ) throws(LinuxError) -> Watch {
    try watch(inbox.descriptor, .readable) { _ in
      let messages = inbox.takeAll()
      if !messages.isEmpty { action(messages) }
    }
  }

  /// Calls `action` once, at `instant` or soon after.
  package func at(_ instant: ContinuousClock.Instant, _ action: @escaping () -> Void) -> TimerID {
    timers.add(instant, action)
  }

  package func cancel(_ timer: TimerID) { timers.cancel(timer) }

  /// Calls `action` before the loop waits again.
  package func soon(_ action: @escaping () -> Void) { soon.append(action) }

  /// Runs until ``stop()``.
  package func run() throws(LinuxError) {
    while true {
      let actions = soon
      soon = []
      for action in actions { action() }
      guard !isStopped else { return }
      try turn(waitingUpTo: soon.isEmpty ? timers.next.map { $0 - .now } : .zero)
    }
  }

  /// Ends ``run()`` when the actions of this turn are done.
  package func stop() { isStopped = true }

  private func turn(waitingUpTo timeout: Duration?) throws(LinuxError) {
    let events = try epoll.wait(timeout: timeout)
    now = .now
    for event in events { actions[event.token]?(event) }
    while let action = timers.takeDue(at: now) { action() }
  }
}
