import GRPC
import HTTP2
import HTTP2Peer
import Segments

/// Sends back what it receives, as often as it is let; ends the call when the client does.
final class Echo: Responder {
  let call: Call
  var log: [String] = []
  private var waiting: [[UInt8]] = []

  init(_ call: Call) { self.call = call }

  func receive(_ message: [UInt8]) {
    log.append("message \(message.count)")
    waiting.append(message)
    call.wake()
  }

  func receiveEnd() {
    log.append("end")
    if waiting.isEmpty { call.finish(.ok) } else { log.append("unsent \(waiting.count)") }
  }

  func nextMessage() -> Rope? { waiting.isEmpty ? nil : Rope(waiting.removeFirst()) }
  func cancelled() { log.append("cancelled") }
}

/// A connection with an echo at "/test.Echo/Stream", and the client that talks to it, joined by arrays.
final class Conversation {
  let server: ServerConnection
  private let log: Log
  private var reader = FrameReader()
  private let decoder = HeaderDecoder()
  private var decoded: [Frame: [String: String]] = [:]
  let start = ContinuousClock.now
  var now: ContinuousClock.Instant

  final class Log {
    var echoes: [Echo] = []
    var wakes = 0
  }

  init(
    _ limits: GRPCLimits = GRPCLimits(), http2: HTTP2Limits = HTTP2Limits(),
    budget: ReceiveBudget = ReceiveBudget(limit: 1 << 30),
    settings: [(id: UInt16, value: UInt32)] = [], retiresAfter: Duration? = nil
  ) {
    let log = Log()
    now = start
    self.log = log
    let routes = Routes([
      "/test.Echo/Stream": { call in
        let echo = Echo(call)
        log.echoes.append(echo)
        return echo
      },
      "/test.Echo/Refuse": { call in
        call.finish(Status(.permissionDenied, "50% no\n"))
        return Echo(call)
      },
    ])
    server = ServerConnection(
      routes: routes, peer: Peer(address: "test", isLocal: true), http2: http2, limits: limits,
      budget: budget, now: now, retiresAt: retiresAfter.map { [start] in start + $0 })
    server.onWake = { log.wakes += 1 }
    send(Frame.preface + Frame.settings(settings).bytes + Frame.settingsAck.bytes)
    _ = frames()
  }

  var echoes: [Echo] { log.echoes }
  var wakes: Int { log.wakes }

  func send(_ bytes: [UInt8]) { server.receive(bytes.span, at: now) }
  func send(_ frames: Frame...) { send(frames.flatMap(\.bytes)) }

  func frames(upTo limit: Int = 1 << 20) -> [Frame] {
    var output = Outgoing()
    server.drain(into: &output, upTo: limit, at: now)
    let frames = reader.frames(in: output.bytes)
    // A header block changes what the next one means: each is decoded, in order, and once.
    decoded = [:]
    for frame in frames where frame.kind == .headers {
      decoded[frame] = decoder.fields(frame.payload)
    }
    return frames
  }

  /// The header fields of a frame that the last ``frames(upTo:)`` gave.
  func fields(_ frame: Frame) -> [String: String] { decoded[frame] ?? [:] }

  /// Lets time pass, and the server look at the clock.
  func pass(_ duration: Duration) {
    now = now + duration
    server.tick(at: now)
  }

  /// The header fields of a call, with `changes` to what a good client sends; nil leaves a field out.
  static func call(
    _ path: String = "/test.Echo/Stream", stream: UInt32 = 1, endStream: Bool = false,
    _ changes: [String: String?] = [:]
  ) -> Frame {
    let usual = [
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"),
      ("te", "trailers"), ("content-type", "application/grpc"),
    ]
    let kept = usual.compactMap { name, value in
      changes[name].map { $0.map { (name, $0) } } ?? (name, value)
    }
    let added = changes.filter { change in !usual.contains { $0.0 == change.key } }
      .compactMap { name, value in value.map { (name, $0) } }
    return .headers(kept + added, stream: stream, endStream: endStream)
  }

  static func message(_ bytes: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + Frame.word(UInt32(bytes.count)) + bytes
  }
}
