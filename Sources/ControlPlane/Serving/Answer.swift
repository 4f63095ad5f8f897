internal import Linux

/// Values that other threads will give, each once: how debug pages ask the threads that own what they
/// show.
final class Answer<Value: Sendable>: Sendable {
  private let values: Lock<[Value?]>
  private let arrival: EventFD

  init(of count: Int) throws(LinuxError) {
    values = Lock(Array(repeating: nil, count: count))
    arrival = try EventFD()
  }

  /// The value of the one that was asked at this place.
  func give(_ value: Value, by place: Int) {
    let isWhole = values.withLock { values in
      values[place] = value
      return values.allSatisfy { $0 != nil }
    }
    if isWhole { arrival.signal() }
  }

  /// All values, in the order of their places, or nil if one does not come in time.
  func wait(atMost limit: Duration) throws(LinuxError) -> [Value]? {
    let epoll = try Epoll()
    try epoll.add(arrival.descriptor, .readable, token: 0)
    _ = try epoll.wait(timeout: limit)
    return values.withLock { values in
      let given = values.compactMap { $0 }
      return given.count == values.count ? given : nil
    }
  }
}
