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

  /// What the one at this place is to run, once. Freed before it ran, as by a thread that has ended, it
  /// ends the waiting.
  func giving<Asked>(
    _ question: @escaping @Sendable (Asked) -> Value, at place: Int
  ) -> @Sendable (Asked) -> Void {
    let part = Part(of: self, at: place)
    return { part.give(question($0)) }
  }

  private func give(_ value: Value, by place: Int) {
    let isWhole = values.withLock { values in
      values[place] = value
      return values.allSatisfy { $0 != nil }
    }
    if isWhole { arrival.signal() }
  }

  private func end(_ place: Int) {
    if values.withLock({ $0[place] == nil }) { arrival.signal() }
  }

  /// All values, in the order of their places, or nil if one does not come in time, or never will.
  func wait(atMost limit: Duration) throws(LinuxError) -> [Value]? {
    let epoll = try Epoll()
    try epoll.add(arrival.descriptor, .readable, token: 0)
    _ = try epoll.wait(timeout: limit)
    return values.withLock { values in
      let given = values.compactMap { $0 }
      return given.count == values.count ? given : nil
    }
  }

  /// What one thread is to give.
  private final class Part: Sendable {
    private let answer: Answer
    private let place: Int

    init(of answer: Answer, at place: Int) {
      self.answer = answer
      self.place = place
    }

    func give(_ value: Value) { answer.give(value, by: place) }

    deinit { answer.end(place) }
  }
}
