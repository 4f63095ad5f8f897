private import CNghttp2
package import Segments

/// The server side of one HTTP/2 connection, without the socket.
///
/// Bytes from the peer go in through ``receive(_:)`` and come back as events; bytes for the peer come
/// out of ``drain(into:upTo:)``, as many as the caller has room for. Nothing here reads a file
/// descriptor or another thread, so a test can replay a connection from a byte array. Flow-control
/// windows open again only through ``consume(_:on:)``.
///
/// Not here, on purpose: timers, and what the requests mean.
@safe package final class ServerSession {
  private let session: OpaquePointer
  /// nghttp2 keeps an unretained pointer to it, so it must outlive `session`.
  private let callbackState: CallbackState
  private let limits: HTTP2Limits
  private var isAborted = false

  package init(limits: HTTP2Limits) {
    self.limits = limits
    callbackState = CallbackState(maxHeaderListBytes: limits.maxHeaderListBytes)
    unsafe session = makeSession(limits: limits, state: callbackState)
    submitSettings()
  }

  deinit { unsafe nghttp2_session_del(session) }

  private func submitSettings() {
    let settings: [(id: UInt32, value: UInt32)] = [
      (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue, limits.maxConcurrentStreams),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue, UInt32(limits.streamWindowBytes)),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue, UInt32(limits.maxHeaderListBytes)),
      (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue, 1),
    ]
    let entries = settings.map {
      nghttp2_settings_entry(settings_id: Int32($0.id), value: $0.value)
    }
    ours(unsafe nghttp2_submit_settings(session, 0, entries, entries.count))
    ours(
      unsafe nghttp2_session_set_local_window_size(session, 0, 0, limits.connectionWindowBytes))
  }

  // MARK: Bytes

  /// Takes bytes from the peer. An error is the end of the connection: send what
  /// ``drain(into:upTo:)`` gives, then close.
  package func receive(_ bytes: Span<UInt8>) throws(HTTP2Error) -> [HTTP2Event] {
    guard !isAborted else { return [] }
    let taken = unsafe bytes.withUnsafeBufferPointer {
      unsafe nghttp2_session_mem_recv(session, $0.baseAddress, $0.count)
    }
    guard taken >= 0 else {
      throw HTTP2Error(attempt: "read from the peer", reason: reason(CInt(taken)))
    }
    precondition(
      taken == bytes.count, "nghttp2 stops early only for callbacks that pause; ours never do")
    if callbackState.invalidFrames > limits.maxInvalidFrames {
      abort(.enhanceYourCalm, "too many invalid frames")
    }
    return callbackState.takeEvents()
  }

  /// Appends bytes for the peer until at least `limit` are in `output` or there are no more for now.
  /// `output` may pass `limit` by one frame. The events are the streams that closed with what was sent.
  package func drain(
    into output: inout Outgoing, upTo limit: Int
  ) throws(HTTP2Error) -> [HTTP2Event] {
    swap(&output, &callbackState.output)
    defer { swap(&output, &callbackState.output) }
    callbackState.outputLimit = limit
    while callbackState.output.count < limit, !callbackState.hasSentLastGoAway {
      var start: UnsafePointer<UInt8>? = nil
      let count = unsafe nghttp2_session_mem_send(session, &start)
      guard count >= 0 else {
        throw HTTP2Error(attempt: "write to the peer", reason: reason(CInt(count)))
      }
      resetAnswered()
      guard count > 0 else { break }
      unsafe callbackState.output.append(
        copying: UnsafeRawBufferPointer(start: start, count: count))
    }
    return callbackState.takeEvents()
  }

  /// A response may end before its request does. The peer then learns that nobody reads the rest
  /// (RFC 9113 §8.1).
  private func resetAnswered() {
    for stream in callbackState.takeAnswered()
    where unsafe nghttp2_session_get_stream_remote_close(session, stream.rawValue) == 0 {
      reset(stream, .noError)
    }
  }

  /// Whether the peer has shown that it speaks HTTP/2: its preface and its settings have arrived.
  package var hasBegun: Bool { callbackState.hasReceivedSettings }

  /// Nothing more will be read or written: the socket can be closed.
  package var isFinished: Bool {
    if isAborted { return callbackState.hasSentLastGoAway }
    return unsafe nghttp2_session_want_read(session) == 0
      && nghttp2_session_want_write(session) == 0
  }

  /// Whether ``drain(into:upTo:)`` has something to give.
  package var wantsToWrite: Bool {
    unsafe !callbackState.hasSentLastGoAway && nghttp2_session_want_write(session) != 0
  }

  // MARK: Requests

  /// Opens the flow-control windows for bytes of a ``HTTP2Event/body(_:_:)`` that take no more memory.
  /// The stream may be closed already.
  package func consume(_ count: Int, on stream: StreamID) {
    ours(unsafe nghttp2_session_consume(session, stream.rawValue, count))
  }

  // MARK: Responses

  /// Begins a response; its body and end come from ``send(_:on:)`` and ``end(_:trailers:)``. Does
  /// nothing for a stream that is closed, as every function below.
  package func respond(_ fields: [HeaderField], on stream: StreamID) {
    guard callbackState.bodies[stream] == nil, isOpen(stream) else { return }
    callbackState.bodies[stream] = ResponseBody()
    takeTurns(stream)
    ours(unsafe submitResponse(fields, on: stream, to: session))
  }

  /// A response of header fields only.
  package func respondOnly(_ fields: [HeaderField], on stream: StreamID) {
    guard callbackState.bodies[stream] == nil, isOpen(stream) else { return }
    callbackState.bodies[stream] = ResponseBody(isEnded: true)
    ours(unsafe submitBareResponse(fields, on: stream, to: session))
  }

  /// Adds to a response's body. Only the bytes that fit the peer's windows and the caller's room
  /// leave the rope.
  package func send(_ rope: Rope, on stream: StreamID) {
    guard callbackState.bodies[stream]?.append(rope) == true else { return }
    resume(stream)
  }

  /// Ends a response after what was given to ``send(_:on:)``.
  package func end(_ stream: StreamID, trailers: [HeaderField]) {
    guard callbackState.bodies[stream]?.end(trailers: trailers) == true else { return }
    resume(stream)
  }

  /// Bytes given to ``send(_:on:)`` that have not left yet; nil when the stream takes none.
  package func queuedBytes(on stream: StreamID) -> Int? {
    guard let body = callbackState.bodies[stream], !body.isEnded else { return nil }
    return body.queuedBytes
  }

  package func reset(_ stream: StreamID, _ code: ErrorCode) {
    ours(unsafe nghttp2_submit_rst_stream(session, 0, stream.rawValue, code.rawValue))
  }

  private func isOpen(_ stream: StreamID) -> Bool {
    unsafe nghttp2_session_get_stream_local_close(session, stream.rawValue) == 0
  }

  private func resume(_ stream: StreamID) {
    guard callbackState.bodies[stream]?.takeIsDeferred() == true else { return }
    ours(unsafe nghttp2_session_resume_data(session, stream.rawValue))
  }

  /// Streams with something to send take turns frame by frame (RFC 9218 §10, incremental), so that a
  /// large response does not hold up the others.
  private func takeTurns(_ stream: StreamID) {
    var priority = nghttp2_extpri(urgency: UInt32(NGHTTP2_EXTPRI_DEFAULT_URGENCY), inc: 1)
    ours(
      unsafe nghttp2_session_change_extpri_stream_priority(session, stream.rawValue, &priority, 1))
  }

  // MARK: The connection

  package func ping() { ours(unsafe nghttp2_submit_ping(session, 0, nil)) }

  /// Says that a GOAWAY will follow, so that requests on their way are not lost (RFC 9113 §6.8).
  package func announceShutdown() { ours(unsafe nghttp2_submit_shutdown_notice(session)) }

  /// Takes no more streams; those open go on, and then the connection is finished.
  package func goAway() {
    let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
    ours(unsafe nghttp2_submit_goaway(session, 0, last, ErrorCode.noError.rawValue, nil, 0))
  }

  /// Ends the connection as soon as a GOAWAY that says why has been drained.
  package func abort(_ code: ErrorCode, _ reason: String) {
    guard !isAborted else { return }
    isAborted = true
    callbackState.lastGoAwayIsQueued = true
    let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
    let text = Array(reason.utf8)
    ours(unsafe nghttp2_submit_goaway(session, 0, last, code.rawValue, text, text.count))
  }

  /// Whether header or body frames went out since this was last asked.
  package func takeHasSentFrames() -> Bool {
    defer { callbackState.hasSentFrames = false }
    return callbackState.hasSentFrames
  }
}

/// Codes of calls that a peer cannot make fail: only we can, by misuse, or the lack of memory.
private func ours(_ code: CInt) {
  precondition(code >= 0, "nghttp2 takes what ServerSession submits: \(reason(code))")
}

private func reason(_ code: CInt) -> String { unsafe String(cString: nghttp2_strerror(code)) }
