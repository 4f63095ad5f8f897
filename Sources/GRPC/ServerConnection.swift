package import HTTP2

/// The server side of one gRPC connection, without the socket: paths become calls, bytes become
/// messages, and what responders have to say becomes frames as fast as the socket takes them.
///
/// Time comes in with every function; ``nextDeadline`` says when ``tick(at:)`` wants to be called at
/// the latest. What depends on it is in ServerConnection+Time.swift.
package final class ServerConnection {
  package let peer: Peer
  let limits: GRPCLimits
  let session: ServerSession
  private let routes: Routes
  private let budget: ReceiveBudget
  /// Told when there may be more to drain although nothing was received.
  package var onWake: () -> Void = {}

  private(set) var calls: [StreamID: Call] = [:]
  /// Calls whose responders may have a message, in the order they woke.
  private var awake: [Call] = []
  private var unfinishedBytes = 0
  private var strikes: PingStrikes
  var keepalive: Keepalive
  var phase: Phase
  let retiresAt: ContinuousClock.Instant?
  /// What calls are told that are ended with the connection.
  var farewell = Status(.unavailable, "the server is shutting down")

  /// A connection older than `retiresAt` ends gracefully, so that clients spread over replicas again.
  package init(
    routes: Routes, peer: Peer, http2: HTTP2Limits, limits: GRPCLimits, budget: ReceiveBudget,
    now: ContinuousClock.Instant, retiresAt: ContinuousClock.Instant?
  ) {
    self.routes = routes
    self.peer = peer
    self.limits = limits
    self.budget = budget
    self.retiresAt = retiresAt
    session = ServerSession(limits: http2)
    keepalive = Keepalive(limits, now: now)
    strikes = PingStrikes(limits)
    phase = .handshake(until: now + limits.handshakeTimeout)
  }

  // MARK: Bytes

  /// Takes bytes from the client.
  package func receive(_ bytes: Span<UInt8>, at now: ContinuousClock.Instant) {
    keepalive.heard(at: now)
    do throws(HTTP2Error) {
      for event in try session.receive(bytes) { handle(event, now) }
    } catch {
      // Not HTTP/2, or a flood.
      die()
    }
    if case .handshake = phase, session.hasBegun { phase = .serving }
  }

  /// Appends bytes for the client until about `limit` are in `output` or there are no more for now.
  package func drain(
    into output: inout Outgoing, upTo limit: Int, at now: ContinuousClock.Instant
  ) {
    guard !isDead else { return }
    var before: Int
    repeat {
      before = output.count
      askResponders()
      do throws(HTTP2Error) {
        for event in try session.drain(into: &output, upTo: limit) { handle(event, now) }
      } catch {
        die()
      }
    } while output.count > before && output.count < limit
  }

  /// There is no client any more, or none that is worth another word.
  package var isDead: Bool {
    if case .dead = phase { true } else { false }
  }

  /// Nothing more will be read or written once what was drained is sent: the socket can be closed.
  package var isFinished: Bool { isDead || session.isFinished }

  /// The socket has gone, or is to go without another word; calls that are open are cancelled.
  package func die() {
    phase = .dead
    for call in openCalls { cancel(call) }
  }

  /// Bytes of messages that were given and have not left: what this client is behind.
  package var queuedBytes: Int {
    calls.keys.reduce(0) { $0 + (session.queuedBytes(on: $1) ?? 0) }
  }

  func queuedBytes(of call: Call) -> Int { session.queuedBytes(on: call.stream) ?? 0 }

  /// In the order they were opened.
  var openCalls: [Call] { calls.values.sorted { $0.stream.rawValue < $1.stream.rawValue } }

  // MARK: From the client

  private func handle(_ event: HTTP2Event, _ now: ContinuousClock.Instant) {
    switch event {
    case .request(let stream, let fields, let isTruncated):
      open(stream, fields, isTruncated: isTruncated, now)
    case .body(let stream, let bytes):
      let call = calls[stream]
      let isHeld = call?.isHeld == true
      if let call { take(bytes, call) }
      if isHeld, let call, !call.isOver {
        call.heldBytes += bytes.count
      } else {
        session.consume(bytes.count, on: stream)
      }
    case .requestEnd(let stream):
      if let call = calls[stream] { end(call) }
    case .closed(let stream, _):
      if let call = calls[stream] { cancel(call) }
    case .ping: pinged(at: now)
    case .pong: announcementArrived()
    case .goAway: break
    }
  }

  private func open(
    _ stream: StreamID, _ fields: [HeaderField], isTruncated: Bool, _ now: ContinuousClock.Instant
  ) {
    do throws(Request.Refusal) {
      guard !isTruncated else {
        throw Request.Refusal(.resourceExhausted, "the header fields are too large")
      }
      let request = try Request(fields)
      let route = try routes.route(for: request.path)
      guard !phase.isEnding else { throw Request.Refusal(farewell) }
      let call = Call(
        request, stream: stream, deadline: request.timeout.map { now + $0 },
        maxMessageBytes: limits.maxReceiveMessageBytes, connection: self)
      calls[stream] = call
      call.begin(route)
    } catch {
      session.respondOnly(
        error.status.fields(opening: true, httpStatus: error.httpStatus), on: stream)
    }
  }

  private func take(_ bytes: [UInt8], _ call: Call) {
    call.reader.append(bytes)
    do throws(Status) {
      while !call.isOver, !call.isHeld, let message = try call.reader.next() {
        call.responder?.receive(message)
      }
      try recount(call)
    } catch {
      fail(call, error)
    }
  }

  func letGo(_ call: Call) {
    guard call.isHeld, !call.isOver else { return }
    call.isHeld = false
    take([], call)
    // Its first message may have it held once more.
    guard !call.isHeld, !call.isOver else { return }
    giveBackWindow(of: call)
    if call.hasHeldEnd { end(call) }
    onWake()
  }

  private func giveBackWindow(of call: Call) {
    guard call.heldBytes > 0 else { return }
    session.consume(call.heldBytes, on: call.stream)
    call.heldBytes = 0
  }

  private func end(_ call: Call) {
    guard !call.isHeld else {
      call.hasHeldEnd = true
      return
    }
    guard call.reader.unfinishedBytes == 0 else {
      return fail(call, Status(.internal, "the request ends within a message"))
    }
    call.responder?.receiveEnd()
  }

  private func pinged(at now: ContinuousClock.Instant) {
    let isTooMany = strikes.ping(
      at: now, hasCalls: !calls.isEmpty, hasSentSinceLast: session.takeHasSentFrames())
    guard isTooMany else { return }
    session.abort(.enhanceYourCalm, "too_many_pings")
    for call in openCalls { cancel(call) }
  }

  /// Keeps the sums of unfinished bytes, and refuses a call that takes them past a limit.
  private func recount(_ call: Call) throws(Status) {
    let count = call.isOver ? 0 : call.reader.unfinishedBytes
    let change = count - call.countedBytes
    guard unfinishedBytes + change <= limits.maxUnfinishedBytesPerConnection || change <= 0,
      budget.change(by: change)
    else { throw Status(.resourceExhausted, "too many bytes of unfinished messages") }
    call.countedBytes = count
    unfinishedBytes += change
  }

  // MARK: To the client

  func wake(_ call: Call) {
    guard !call.isOver, !call.isAwake else { return }
    call.isAwake = true
    awake.append(call)
    onWake()
  }

  /// Gives the session the next message of each call whose earlier ones have left.
  private func askResponders() {
    guard !awake.isEmpty else { return }
    let asked = awake
    awake = []
    for call in asked {
      guard (session.queuedBytes(on: call.stream) ?? 0) == 0 else {
        awake.append(call)
        continue
      }
      call.isAwake = false
      guard let message = call.responder?.nextMessage(), !call.isOver else { continue }
      if !call.hasResponded {
        call.hasResponded = true
        session.respond(Status.openingFields(httpStatus: 200), on: call.stream)
      }
      session.send(MessageReader.framed(message), on: call.stream)
      // There may be another one behind it.
      if !call.isAwake {
        call.isAwake = true
        awake.append(call)
      }
    }
  }

  func finish(_ call: Call, _ status: Status) {
    guard !call.isOver else { return }
    if call.hasResponded {
      session.end(call.stream, trailers: status.fields(opening: false, httpStatus: 200))
    } else {
      session.respondOnly(status.fields(opening: true, httpStatus: 200), on: call.stream)
    }
    _ = close(call)
    onWake()
  }

  /// Ends a call that its responder did not end.
  func fail(_ call: Call, _ status: Status) {
    let responder = call.responder
    finish(call, status)
    responder?.cancelled()
  }

  private func cancel(_ call: Call) { close(call)?.cancelled() }

  private func close(_ call: Call) -> (any Responder)? {
    calls[call.stream] = nil
    let responder = call.end()
    giveBackWindow(of: call)
    let given = budget.change(by: -call.countedBytes)
    precondition(given, "giving back is always within a budget")
    unfinishedBytes -= call.countedBytes
    call.countedBytes = 0
    return responder
  }
}
