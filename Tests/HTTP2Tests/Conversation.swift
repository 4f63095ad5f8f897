import HTTP2
import HTTP2Peer
import Segments

let request = [
  (":method", "POST"), (":scheme", "http"), (":path", "/a"), (":authority", "x"),
]

/// A session and the client that talks to it, joined by arrays.
final class Conversation {
  let session: ServerSession
  private var reader = FrameReader()
  private let decoder = HeaderDecoder()
  private var decoded: [Frame: [String: String]] = [:]
  var events: [HTTP2Event] = []

  init(limits: HTTP2Limits = HTTP2Limits(), settings: [(id: UInt16, value: UInt32)] = []) throws {
    session = ServerSession(limits: limits)
    try send(Frame.preface + Frame.settings(settings).bytes + Frame.settingsAck.bytes)
  }

  func receive(_ bytes: [UInt8]) throws(HTTP2Error) { events += try session.receive(bytes.span) }
  func receive(_ frame: Frame) throws(HTTP2Error) { try receive(frame.bytes) }
  func send(_ bytes: [UInt8]) throws { events += try session.receive(bytes.span) }
  func send(_ frames: Frame...) throws { try send(frames.flatMap(\.bytes)) }

  func takeEvents() -> [HTTP2Event] {
    defer { events = [] }
    return events
  }

  /// Frames the session has to send now, however small the pieces it is drained in.
  func frames(upTo limit: Int = 1 << 20) throws -> [Frame] {
    var output = Outgoing()
    events += try session.drain(into: &output, upTo: limit)
    return read(output.bytes)
  }

  func drainAndForget(upTo limit: Int) throws(HTTP2Error) {
    var output = Outgoing()
    events += try session.drain(into: &output, upTo: limit)
  }

  func read(_ buffer: [UInt8]) -> [Frame] {
    let frames = reader.frames(in: buffer)
    // A header block changes what the next one means: each is decoded, in order, and once.
    decoded = [:]
    for frame in frames where frame.kind == .headers {
      decoded[frame] = decoder.fields(frame.payload)
    }
    return frames
  }

  /// The header fields of a frame that the last ``frames(upTo:)`` gave.
  func fields(_ frame: Frame) -> [String: String] { decoded[frame] ?? [:] }
}
