/// One request and its response on a connection.
package struct StreamID: Hashable, Sendable, CustomStringConvertible {
  package let rawValue: Int32
  package init(_ rawValue: Int32) { self.rawValue = rawValue }
  package var description: String { "stream \(rawValue)" }
}

/// A header field; pseudo-header names begin with a colon.
package struct HeaderField: Hashable, Sendable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// Why a stream or connection ends (RFC 9113 §7).
package struct ErrorCode: Hashable, Sendable, RawRepresentable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package static let noError = ErrorCode(rawValue: 0x0)
  package static let protocolError = ErrorCode(rawValue: 0x1)
  package static let internalError = ErrorCode(rawValue: 0x2)
  package static let refusedStream = ErrorCode(rawValue: 0x7)
  package static let cancel = ErrorCode(rawValue: 0x8)
  package static let enhanceYourCalm = ErrorCode(rawValue: 0xb)
}

/// What a peer did, in the order it did it.
package enum HTTP2Event: Hashable, Sendable {
  /// A request begins. `isTruncated` when its fields were more than the limit, and the rest is dropped.
  case request(StreamID, [HeaderField], isTruncated: Bool)
  /// Part of a request's body. Whoever takes it says so with ``ServerSession/consume(_:on:)``.
  case body(StreamID, [UInt8])
  /// The request is complete; trailers, if any, are not shown.
  case requestEnd(StreamID)
  /// The stream is gone, by its regular end, or by a reset from either side.
  case closed(StreamID, ErrorCode)
  /// A PING, which is answered already.
  case ping
  /// The answer to one of ours.
  case pong
  /// The peer will open no more streams.
  case goAway(ErrorCode)
}

/// The end of a connection that no frame can announce any more.
package struct HTTP2Error: Error, Hashable, Sendable, CustomStringConvertible {
  package let attempt: String
  package let reason: String
  package var description: String { "cannot \(attempt): \(reason)" }
}
