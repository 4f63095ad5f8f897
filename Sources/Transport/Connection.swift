internal import GRPC
internal import HTTP2
internal import Linux

/// A client's socket and the gRPC connection over it, on the server's loop.
///
/// Output is made only as fast as the socket takes it: what waits for a slow client is one chunk of
/// bytes, and in its calls whatever their responders will say when they are asked.
///
/// Not here, on purpose: what may come between the socket and HTTP/2. Encryption belongs where
/// ``deliver(_:)`` and ``fill()`` are.
final class Connection {
  private let socket: Socket
  private let grpc: ServerConnection
  private let loop: EventLoop
  private let shared: Shared
  private var watch: EventLoop.Watch?
  private var timer: (id: TimerID, instant: ContinuousClock.Instant)?
  private var isFlushScheduled = false
  /// Made for the socket, which had no room for it.
  private var unsent = Outgoing()
  /// When the socket last took something, or began to have something to take.
  private var lastProgress: ContinuousClock.Instant
  private var state = State.open
  let begun: ContinuousClock.Instant

  private enum State {
    case open
    /// All is said; the client closes when it has read it.
    case lingering
    case closed
  }

  /// What connections of one loop have in common: room to read and write in, because only one of
  /// them does at a time, and whom to tell.
  final class Shared {
    let limits: ServerLimits
    var didClose: (Connection) -> Void = { _ in }
    var counters = ServerCounters()
    var input: [UInt8]
    var output = Outgoing()

    init(limits: ServerLimits) {
      self.limits = limits
      input = [UInt8](repeating: 0, count: limits.readBytes)
    }
  }

  init(
    _ socket: Socket, _ grpc: ServerConnection, loop: EventLoop, shared: Shared
  ) throws(LinuxError) {
    self.socket = socket
    self.grpc = grpc
    self.loop = loop
    self.shared = shared
    lastProgress = loop.now
    begun = loop.now
    grpc.onWake = { [weak self] in self?.scheduleFlush() }
    watch = try loop.watch(socket.descriptor, .readable) { [weak self] in self?.ready($0) }
    scheduleFlush()
  }

  /// What the client is behind, in bytes that exist for it alone or are held for it.
  var queuedBytes: Int { unsent.count + grpc.queuedBytes }

  // MARK: In

  private func ready(_ event: Epoll.Event) {
    if event.ready.contains(.readable) || event.isBroken { read() }
    if event.ready.contains(.writable) { flush() }
  }

  /// Reads once: more that waits is read when others have had their turn.
  private func read() {
    do throws(LinuxError) {
      switch try socket.read(into: &shared.input) {
      case .bytes(let count):
        shared.counters.bytesReceived += count
        if state == .open { deliver(count) }
      case .wouldBlock: break
      case .ended: close()
      }
    } catch {
      // Whatever the reason, the client is out of reach.
      close()
    }
  }

  private func deliver(_ count: Int) {
    let input = shared.input
    grpc.receive(input.span.extracting(0..<count), at: loop.now)
    scheduleFlush()
  }

  // MARK: Out

  /// Writes at the end of the turn, once, whatever happened in it.
  private func scheduleFlush() {
    guard !isFlushScheduled, state == .open else { return }
    isFlushScheduled = true
    loop.soon { [weak self] in
      guard let self else { return }
      isFlushScheduled = false
      flush()
    }
  }

  private func flush() {
    guard state == .open else { return }
    do throws(LinuxError) {
      guard try writeUnsent() else { return try wait(for: [.readable, .writable]) }
      for _ in 0..<shared.limits.writesPerTurn {
        guard fill() else {
          try wait(for: .readable)
          if grpc.isFinished { try linger() }
          return
        }
        guard try write() else { return try wait(for: [.readable, .writable]) }
      }
      // More to write, and room for it: after the others.
      try wait(for: [.readable, .writable])
    } catch {
      close()
    }
  }

  /// Makes the next chunk; false when there is nothing to send.
  private func fill() -> Bool {
    shared.output.removeAll()
    grpc.drain(into: &shared.output, upTo: shared.limits.writeBytes, at: loop.now)
    return !shared.output.isEmpty
  }

  /// Whether the socket took the whole chunk; what it did not take is kept.
  private func write() throws(LinuxError) -> Bool {
    defer { shared.output.removeAll() }
    try write(&shared.output)
    guard !shared.output.isEmpty else { return true }
    unsent = shared.output.compacted
    lastProgress = loop.now
    return false
  }

  private func writeUnsent() throws(LinuxError) -> Bool {
    guard !unsent.isEmpty else { return true }
    try write(&unsent)
    guard unsent.isEmpty else { return false }
    unsent = Outgoing()
    return true
  }

  /// Leaves what the socket does not take.
  private func write(_ bytes: inout Outgoing) throws(LinuxError) {
    while !bytes.isEmpty {
      switch try socket.write(bytes.slices) {
      case .bytes(let count):
        bytes.removeFirst(count)
        shared.counters.bytesSent += count
        lastProgress = loop.now
      // A reset is seen by the next read, which closes.
      case .wouldBlock, .ended: return
      }
    }
  }

  private func wait(for interest: Epoll.Interest) throws(LinuxError) {
    try watch?.change(to: interest)
    setTimer()
  }

  // MARK: Time and the end

  private func setTimer() {
    guard state == .open, let instant = grpc.nextDeadline else { return }
    setTimer(unsent.isEmpty ? instant : min(instant, writeDeadline))
  }

  private func setTimer(_ instant: ContinuousClock.Instant) {
    if let timer {
      // A timer that is too early looks again when it goes off.
      guard instant < timer.instant else { return }
      loop.cancel(timer.id)
    }
    let id = loop.at(instant) { [weak self] in
      guard let self else { return }
      timer = nil
      if state == .open { tick() } else { close() }
    }
    timer = (id, instant)
  }

  private var writeDeadline: ContinuousClock.Instant {
    lastProgress + shared.limits.writeTimeout
  }

  private func tick() {
    let wasLeaving = isLeaving
    grpc.tick(at: loop.now)
    if !wasLeaving, isLeaving, !grpc.isDead { shared.counters.retired += 1 }
    guard !grpc.isDead, unsent.isEmpty || loop.now < writeDeadline else { return close() }
    setTimer()
    scheduleFlush()
  }

  /// Whether the client was told to open no more calls.
  var isLeaving: Bool { grpc.isLeaving }

  /// Asks the client to come again, to whoever it finds then.
  func retire() {
    grpc.retire(at: loop.now)
    scheduleFlush()
  }

  /// Calls still open after `grace` end; then the connection does.
  func shutDown(grace: Duration) {
    grpc.shutDown(grace: grace, at: loop.now)
    scheduleFlush()
  }

  /// Closing a socket with unread bytes makes the kernel throw away what it has not sent, so the
  /// client closes first, or has had its time.
  private func linger() throws(LinuxError) {
    guard !grpc.isDead else { return close() }
    state = .lingering
    grpc.die()
    try socket.finishWriting()
    if let timer { loop.cancel(timer.id) }
    timer = nil
    setTimer(loop.now + shared.limits.lingerTimeout)
  }

  func close() {
    guard state != .closed else { return }
    state = .closed
    watch?.cancel()
    if let timer { loop.cancel(timer.id) }
    grpc.die()
    shared.didClose(self)
  }
}
