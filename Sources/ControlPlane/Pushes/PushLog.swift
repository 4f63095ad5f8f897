internal import Delivery
internal import Diagnostics
internal import Linux

/// What was pushed lately and why, what became of it, and how long things have taken since the start.
///
/// The compile thread says what it compiled, the threads of streams what they sent and heard, pages read:
/// none of them asks another for that. It takes a little memory, once, and none a push but the words
/// that say why.
final class PushLog: Sendable {
  /// What all times of pushes are counted from.
  private let epoch = ContinuousClock.now
  private let state = Lock(State())

  /// What there is to see at one moment.
  struct State: Sendable {
    fileprivate(set) var pushes = Ring<PushRecord>(capacity: Limits.rememberedPushes)
    fileprivate(set) var responses = Ring<SentResponse>(capacity: Limits.rememberedResponses)
    fileprivate(set) var times = PushTimes()
  }

  var elapsed: Duration { time(of: .now) }

  func time(of instant: ContinuousClock.Instant) -> Duration { instant - epoch }
  func instant(of time: Duration) -> ContinuousClock.Instant { epoch + time }

  var now: State { state.withLock { $0 } }

  // MARK: From the compile thread

  /// Told before the streams' threads are told of the push.
  func compiled(_ record: PushRecord) {
    state.withLock { state in
      state.times.compiled(record)
      state.pushes.append(record)
    }
  }

  // MARK: From the threads of streams

  /// Answers the response's ticket, by which ``answered(_:ticket:)`` knows it.
  func sent(_ response: DiscoveryResponse, to proxy: String, _ stream: StreamNumber) -> Int {
    let sent = SentResponse(
      proxy: proxy, stream: stream, type: response.type, bytes: response.message.count,
      resources: response.resourceCount, removed: response.removedCount, oldest: response.push,
      newest: response.lastPush?.number ?? 0, sentAt: elapsed)
    return state.withLock { state in
      state.times.sent(sent)
      state.change(sent.newest, sent.type) { $0.sent(sent) }
      if let oldest = sent.oldest?.number, oldest < sent.newest {
        for place in state.pushes.places
        where oldest..<sent.newest ~= state.pushes[place].push.number {
          state.pushes.change(place) { $0.types[sent.type.rawValue].overtaken += 1 }
        }
      }
      return state.responses.append(sent)
    }
  }

  func answered(_ verdict: Verdict, ticket: Int) {
    let now = elapsed
    state.withLock { state in
      state.times.answered(verdict, at: now)
      guard state.responses.places.contains(ticket) else { return }
      let sent = state.responses[ticket]
      state.change(sent.newest, sent.type) { record in
        guard verdict.rejection == nil else {
          record.rejected += 1
          return
        }
        record.accepted += 1
        if let push = sent.oldest { record.acceptedAfter = now - push.changedAt }
      }
      let reason = verdict.rejection?.message.onOneLine(atMost: Limits.rememberedRejectionBytes)
      state.responses.change(ticket) {
        $0.verdict = reason.map { .rejected(at: now, reason: $0) } ?? .accepted(at: now)
      }
    }
  }

  /// A client has been sent all there is, after it lacked something since `change`.
  func converged(since change: Duration) {
    let now = elapsed
    state.withLock { $0.times.convergence.observe(now - change) }
  }

  /// So many clients have become slow.
  func slowed(_ clients: Int) { state.withLock { $0.times.slowClients += clients } }

  // MARK: For pages and logs

  /// What made a push, while it is remembered.
  func cause(of number: UInt64) -> String? {
    state.withLock { state in state.place(of: number).map { state.pushes[$0].cause.text } }
  }
}

extension PushLog.State {
  /// Where a push stands, by its number; numbers rise.
  func place(of number: UInt64) -> Int? {
    var (low, high) = (pushes.places.lowerBound, pushes.places.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if pushes[middle].push.number < number { low = middle + 1 } else { high = middle }
    }
    return low < pushes.places.upperBound && pushes[low].push.number == number ? low : nil
  }

  fileprivate mutating func change(
    _ number: UInt64, _ type: ResourceType, _ body: (inout PushRecord.TypeRecord) -> Void
  ) {
    guard let place = place(of: number) else { return }
    pushes.change(place) { body(&$0.types[type.rawValue]) }
  }
}

extension PushRecord.TypeRecord {
  fileprivate mutating func sent(_ sent: SentResponse) {
    sentBytes += sent.bytes
    guard let push = sent.oldest else {
      requested += 1
      return
    }
    responses += 1
    sentAfter = sent.sentAt - push.changedAt
  }
}
