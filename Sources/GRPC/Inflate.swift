private import CZlib

/// The contents of a gzip member, if they are no more than `limit` bytes: a few kilobytes can claim to
/// be a gigabyte.
func inflate(_ bytes: ArraySlice<UInt8>, upTo limit: Int) throws(Status) -> [UInt8] {
  var stream = unsafe z_stream()
  // 16 more than the largest window means a gzip header and trailer.
  let begun = unsafe inflateInit2_(
    &stream, 16 + MAX_WBITS, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
  precondition(begun == Z_OK, "an inflater needs only memory")
  defer { unsafe inflateEnd(&stream) }

  var input = Array(bytes)
  var output: [UInt8] = []
  let result = unsafe input.withUnsafeMutableBufferPointer { buffer in
    unsafe stream.next_in = buffer.baseAddress
    unsafe stream.avail_in = uInt(buffer.count)
    return unsafe inflateAll(&stream, into: &output, upTo: limit)
  }
  guard output.count <= limit else {
    throw Status(.resourceExhausted, "a message inflates to more than \(limit) bytes")
  }
  guard result == Z_STREAM_END, unsafe stream.avail_in == 0 else {
    throw Status(.internal, "a message said to be gzip is not")
  }
  return output
}

/// Stops at the end, at an error, or with one byte more than `limit`: it never gives zlib room for two.
private func inflateAll(
  _ stream: inout z_stream, into output: inout [UInt8], upTo limit: Int
) -> CInt {
  var chunk = [UInt8](repeating: 0, count: 64 * 1024)
  while true {
    let room = min(chunk.count, limit + 1 - output.count)
    let (result, count) = unsafe chunk.withUnsafeMutableBufferPointer { buffer in
      unsafe stream.next_out = buffer.baseAddress
      unsafe stream.avail_out = uInt(room)
      let result = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
      return (result, room - Int(unsafe stream.avail_out))
    }
    output += chunk[..<count]
    guard result == Z_OK, count > 0 else { return result }
  }
}
