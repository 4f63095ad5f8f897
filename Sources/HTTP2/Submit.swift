private import CNghttp2

/// Submits a response whose body is read from the session's callback state.
func submitResponse(
  _ fields: [HeaderField], on stream: StreamID, to session: OpaquePointer
) -> CInt {
  var provider = unsafe nghttp2_data_provider()
  unsafe provider.read_callback = readBody
  return unsafe withFields(fields) { nva, count in
    unsafe nghttp2_submit_response(session, stream.rawValue, nva, count, &provider)
  }
}

/// Submits a response without a body.
func submitBareResponse(
  _ fields: [HeaderField], on stream: StreamID, to session: OpaquePointer
) -> CInt {
  unsafe withFields(fields) { nva, count in
    unsafe nghttp2_submit_response(session, stream.rawValue, nva, count, nil)
  }
}

/// nghttp2 asks what the next bytes of a response are, up to a frame's worth; they are not copied to it.
private let readBody: nghttp2_data_source_read_callback = {
  session, stream, _, length, flags, _, context in
  let state = unsafe callbackState(context)
  unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
  let read = state.bodies[StreamID(stream)]?.next(upTo: length)
  switch read {
  case nil: return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  case .nothingYet: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
  case .bytes(let count): return count
  case .last(let count, let trailers):
    unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    guard !trailers.isEmpty else { return count }
    unsafe flags?.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
    let code = unsafe withFields(trailers) { fields, fieldCount in
      unsafe nghttp2_submit_trailer(session, stream, fields, fieldCount)
    }
    return code == 0 ? count : Int(code)
  }
}

/// The fields as nghttp2 takes them, for the duration of `body`.
private func withFields<Result>(
  _ fields: [HeaderField], _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
) -> Result {
  var bytes: [UInt8] = []
  for field in fields {
    bytes += field.name.utf8
    bytes += field.value.utf8
  }
  return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
    var position = buffer.baseAddress
    let nva = unsafe fields.map { field in
      let (name, value) = (field.name.utf8.count, field.value.utf8.count)
      defer { unsafe position = position.map { unsafe $0 + name + value } }
      return unsafe nghttp2_nv(
        name: position, value: position.map { unsafe $0 + name }, namelen: name,
        valuelen: value, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
    }
    return unsafe nva.withUnsafeBufferPointer { unsafe body($0.baseAddress, $0.count) }
  }
}
