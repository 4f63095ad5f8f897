private import CNghttp2

/// Decodes header blocks in the order they came, with nghttp2's own HPACK.
@safe package final class HeaderDecoder {
  private var inflater: OpaquePointer?

  package init() {
    precondition(nghttp2_hd_inflate_new(&inflater) == 0, "an inflater needs only memory")
  }

  deinit { nghttp2_hd_inflate_del(inflater) }

  package func fields(_ block: [UInt8]) -> [String: String] {
    var rest = block[...]
    var fields: [String: String] = [:]
    while true {
      var field = nghttp2_nv()
      var flags: CInt = 0
      let taken = rest.withUnsafeBufferPointer {
        nghttp2_hd_inflate_hd2(inflater, &field, &flags, $0.baseAddress, $0.count, 1)
      }
      precondition(taken >= 0, "a header block that HPACK refuses: \(block)")
      rest = rest.dropFirst(taken)
      if flags & CInt(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
        let name = UnsafeBufferPointer(start: field.name, count: field.namelen)
        let value = UnsafeBufferPointer(start: field.value, count: field.valuelen)
        fields[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
      }
      if flags & CInt(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 { break }
      if rest.isEmpty && flags & CInt(NGHTTP2_HD_INFLATE_EMIT.rawValue) == 0 { break }
    }
    precondition(nghttp2_hd_inflate_end_headers(inflater) == 0, "the block was whole")
    return fields
  }
}
