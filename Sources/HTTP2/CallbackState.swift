private import CNghttp2
internal import Segments

/// What nghttp2's callbacks write to and read from. They never call back into the session.
final class CallbackState {
  private let maxHeaderListBytes: Int
  private var events: [HTTP2Event] = []
  private var headers: HeaderBlock?
  private var answered: [StreamID] = []
  var bodies: [StreamID: ResponseBody] = [:]
  /// What leaves now, and how much of it there may be; the bodies' bytes go there by reference.
  var output = Outgoing()
  var outputLimit = 0
  private(set) var invalidFrames = 0
  var hasSentFrames = false
  var hasReceivedSettings = false
  /// The next GOAWAY that leaves is the connection's last word.
  var lastGoAwayIsQueued = false
  private(set) var hasSentLastGoAway = false

  /// The fields of the request that is arriving; blocks do not interleave (RFC 9113 §4.3).
  private struct HeaderBlock {
    let stream: StreamID
    var fields: [HeaderField] = []
    var bytes = 0
    var isTruncated = false
  }

  init(maxHeaderListBytes: Int) { self.maxHeaderListBytes = maxHeaderListBytes }

  func takeEvents() -> [HTTP2Event] {
    defer { events = [] }
    return events
  }

  /// Streams whose response has left whole since this was last asked.
  func takeAnswered() -> [StreamID] {
    guard !answered.isEmpty else { return [] }
    defer { answered = [] }
    return answered
  }

  func requestBegins(_ stream: StreamID) { headers = HeaderBlock(stream: stream) }

  func field(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
    guard var block = headers, !block.isTruncated else { return }
    headers = nil
    block.bytes += name.count + value.count + 32
    if block.bytes > maxHeaderListBytes {
      block.isTruncated = true
    } else {
      block.fields.append(
        unsafe HeaderField(
          String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    headers = block
  }

  func headersEnd(_ stream: StreamID) {
    guard let block = headers, block.stream == stream else { return }
    events.append(.request(stream, block.fields, isTruncated: block.isTruncated))
    headers = nil
  }

  /// Chunks of one stream in a row become one event.
  func body(_ stream: StreamID, _ bytes: UnsafeBufferPointer<UInt8>) {
    if case .body(stream, var earlier)? = events.last {
      events.removeLast()
      unsafe earlier.append(contentsOf: bytes)
      events.append(.body(stream, earlier))
    } else {
      events.append(.body(stream, unsafe Array(bytes)))
    }
  }

  func append(_ event: HTTP2Event) { events.append(event) }

  func closed(_ stream: StreamID, _ code: ErrorCode) {
    bodies[stream] = nil
    events.append(.closed(stream, code))
  }

  /// Puts a frame of a body's next bytes into ``output``; false if the stream has no body any more.
  func send(_ count: Int, of stream: StreamID, after header: UnsafeRawBufferPointer) -> Bool {
    guard bodies[stream] != nil else { return false }
    unsafe output.append(copying: header)
    bodies[stream]?.take(count, into: &output)
    return true
  }

  func frameWasInvalid() { invalidFrames += 1 }

  func didSend(type: UInt32, endsStream: Bool, _ stream: StreamID) {
    switch type {
    case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
      hasSentFrames = true
      if endsStream { answered.append(stream) }
    case NGHTTP2_GOAWAY.rawValue:
      hasSentLastGoAway = lastGoAwayIsQueued
    default: break
    }
  }
}
