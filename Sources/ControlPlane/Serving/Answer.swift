internal import Linux

/// A value that another thread will give, once: how debug pages ask the threads that own what they
/// show.
final class Answer<Value: Sendable>: Sendable {
  private let value = Lock<Value?>(nil)
  private let arrival: EventFD

  init() throws(LinuxError) { arrival = try EventFD() }

  func give(_ value: Value) {
    self.value.withLock { $0 = value }
    arrival.signal()
  }

  /// The value, or nil if it does not come in time.
  func wait(atMost limit: Duration) throws(LinuxError) -> Value? {
    let epoll = try Epoll()
    try epoll.add(arrival.descriptor, .readable, token: 0)
    _ = try epoll.wait(timeout: limit)
    return value.withLock { $0 }
  }
}
