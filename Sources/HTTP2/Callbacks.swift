private import CNghttp2

/// A session of nghttp2 that reports to `state`, which must outlive it.
func makeSession(limits: HTTP2Limits, state: CallbackState) -> OpaquePointer {
  let callbacks = unsafe makeCallbacks()
  defer { unsafe nghttp2_session_callbacks_del(callbacks) }
  let option = unsafe makeOption(limits)
  defer { unsafe nghttp2_option_del(option) }
  var session: OpaquePointer?
  let context = unsafe Unmanaged.passUnretained(state).toOpaque()
  let code = unsafe nghttp2_session_server_new2(&session, callbacks, context, option)
  guard code == 0, let session = unsafe session else {
    preconditionFailure("a session needs only memory")
  }
  return unsafe session
}

private func makeOption(_ limits: HTTP2Limits) -> OpaquePointer {
  var option: OpaquePointer?
  guard unsafe nghttp2_option_new(&option) == 0, let option = unsafe option else {
    preconditionFailure("an option needs only memory")
  }
  unsafe nghttp2_option_set_no_auto_window_update(option, 1)
  unsafe nghttp2_option_set_no_closed_streams(option, 1)
  unsafe nghttp2_option_set_max_outbound_ack(option, limits.maxQueuedAcknowledgements)
  unsafe nghttp2_option_set_max_settings(option, limits.maxSettingsEntries)
  unsafe nghttp2_option_set_max_continuations(option, limits.maxContinuations)
  unsafe nghttp2_option_set_stream_reset_rate_limit(
    option, limits.resetBurst, limits.resetsPerSecond)
  return unsafe option
}

private func makeCallbacks() -> OpaquePointer {
  var callbacks: OpaquePointer?
  guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks = unsafe callbacks
  else { preconditionFailure("callbacks need only memory") }
  unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
    unsafe didBeginHeaders(frame, context)
  }
  unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
    _, _, name, nameCount, value, valueCount, _, context in
    unsafe callbackState(context).field(
      UnsafeBufferPointer(start: name, count: nameCount),
      UnsafeBufferPointer(start: value, count: valueCount))
    return 0
  }
  unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
    _, _, stream, bytes, count, context in
    unsafe callbackState(context).body(
      StreamID(stream), UnsafeBufferPointer(start: bytes, count: count))
    return 0
  }
  unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
    unsafe didReceive(frame, context)
  }
  unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) {
    _, frame, header, count, _, context in
    unsafe sendBody(frame, header, count, context)
  }
  unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
    unsafe didSend(frame, context)
  }
  unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
    _, stream, code, context in
    unsafe callbackState(context).closed(StreamID(stream), ErrorCode(rawValue: code))
    return 0
  }
  unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) {
    _, _, _, context in
    unsafe callbackState(context).frameWasInvalid()
    return 0
  }
  return unsafe callbacks
}

func callbackState(_ context: UnsafeMutableRawPointer?) -> CallbackState {
  guard let context = unsafe context else {
    preconditionFailure("nghttp2 hands back the context that the session was made with")
  }
  return unsafe Unmanaged<CallbackState>.fromOpaque(context).takeUnretainedValue()
}

private func didBeginHeaders(
  _ frame: UnsafePointer<nghttp2_frame>?, _ context: UnsafeMutableRawPointer?
) -> CInt {
  guard let frame = unsafe frame?.pointee else { return 0 }
  if unsafe frame.headers.cat == NGHTTP2_HCAT_REQUEST {
    unsafe callbackState(context).requestBegins(StreamID(frame.hd.stream_id))
  }
  return 0
}

private func didReceive(
  _ frame: UnsafePointer<nghttp2_frame>?, _ context: UnsafeMutableRawPointer?
) -> CInt {
  guard let frame = unsafe frame?.pointee else { return 0 }
  let state = unsafe callbackState(context)
  let stream = unsafe StreamID(frame.hd.stream_id)
  let type = unsafe UInt32(frame.hd.type)
  let flags = unsafe UInt32(frame.hd.flags)
  switch type {
  case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
    if type == NGHTTP2_HEADERS.rawValue { state.headersEnd(stream) }
    if flags & NGHTTP2_FLAG_END_STREAM.rawValue != 0 { state.append(.requestEnd(stream)) }
  case NGHTTP2_SETTINGS.rawValue: state.hasReceivedSettings = true
  case NGHTTP2_PING.rawValue:
    state.append(flags & NGHTTP2_FLAG_ACK.rawValue == 0 ? .ping : .pong)
  case NGHTTP2_GOAWAY.rawValue:
    state.append(.goAway(ErrorCode(rawValue: unsafe frame.goaway.error_code)))
  default: break
  }
  return 0
}

/// A frame of a body goes out by reference. Enough of them at a time: nghttp2 would go on for as long as
/// the peer's window does.
private func sendBody(
  _ frame: UnsafePointer<nghttp2_frame>?, _ header: UnsafePointer<UInt8>?, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> CInt {
  let state = unsafe callbackState(context)
  guard let frame = unsafe frame?.pointee,
    unsafe state.send(
      count, of: StreamID(frame.hd.stream_id),
      after: UnsafeRawBufferPointer(start: header, count: frameHeaderBytes))
  else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
  return state.output.count < state.outputLimit ? 0 : NGHTTP2_ERR_PAUSE.rawValue
}

/// RFC 9113 §4.1.
private let frameHeaderBytes = 9

private func didSend(
  _ frame: UnsafePointer<nghttp2_frame>?, _ context: UnsafeMutableRawPointer?
) -> CInt {
  guard let header = unsafe frame?.pointee.hd else { return 0 }
  unsafe callbackState(context).didSend(
    type: UInt32(header.type),
    endsStream: UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0,
    StreamID(header.stream_id))
  return 0
}
