import HTTP2
import HTTP2Peer
import Segments
import TestSupport
import Testing

/// What a hostile client may do is bounded by ``HTTP2Limits``; each limit is reached here, and just not.
@Suite struct FloodTests {
  private func goAway(_ client: Conversation) throws -> UInt32? {
    try client.frames().last { $0.kind == .goAway }?.word(at: 4)
  }

  @Test(arguments: [8, 9]) func continuationsAreLimited(count: Int) throws {
    let client = try Conversation()
    try client.send(
      Frame(.headers, flags: Frame.endStream, stream: 1, Frame.literal(request)))
    let piece = Frame(.continuation, stream: 1, Frame.literal([("x", "y")]))
    let last = Frame(.continuation, flags: Frame.endHeaders, stream: 1, [])
    do throws(HTTP2Error) {
      for _ in 1..<count { try client.receive(piece) }
      try client.receive(last)
      #expect(count == 8)
      #expect(client.takeEvents().count == 2)
    } catch {
      #expect(count == 9)
      #expect(error.reason.contains("CONTINUATION"))
    }
  }

  @Test func rapidResetEndsTheConnection() throws {
    for burst in [50, 100] {
      let client = try Conversation(
        limits: HTTP2Limits(resetBurst: UInt64(burst), resetsPerSecond: 0))
      for index in 0..<UInt32(100) {
        try client.send(.headers(request, stream: 2 * index + 1), .reset(2 * index + 1))
      }
      let code = try goAway(client)
      #expect(code == (burst == 50 ? 2 : nil))
      #expect(client.session.isFinished == (burst == 50))
    }
  }

  /// Frames that make us reset a stream are a rapid reset by other means.
  @Test func framesThatBreakTheirStreamAreLimited() throws {
    let client = try Conversation(limits: HTTP2Limits(maxInvalidFrames: 20))
    for index in 0..<UInt32(21) {
      let stream = 2 * index + 1
      #expect(!client.session.isFinished)
      try client.send(.headers(request, stream: stream), .windowUpdate(0x7fff_ffff, stream: stream))
      if index < 20 { #expect(try client.frames().last == .reset(stream, code: 3)) }
    }
    #expect(try goAway(client) == 0xb)
    #expect(client.session.isFinished)
  }

  @Test func streamsBeyondTheLimitAreRefused() throws {
    let client = try Conversation(limits: HTTP2Limits(maxConcurrentStreams: 3))
    for index in 0..<UInt32(5) { try client.send(.headers(request, stream: 2 * index + 1)) }
    let requests = client.takeEvents().filter { if case .request = $0 { true } else { false } }
    #expect(requests.count == 3)
    let frames = try client.frames()
    #expect(frames.contains { $0.kind == .goAway || $0 == .reset(7, code: 7) })
  }

  @Test func aHeaderListPastTheLimitIsCutAndSaysSo() throws {
    let client = try Conversation(limits: HTTP2Limits(maxHeaderListBytes: 500))
    let many = (0..<100).map { ("x-\($0)", "y") }
    try client.send(.headers(request + many, stream: 1))
    guard case .request(_, let fields, isTruncated: true) = client.takeEvents().first else {
      Issue.record("a request that is cut")
      return
    }
    #expect(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 } <= 500)
    // The connection's compression state is whole: the next request is read as it is.
    try client.send(.headers(request, stream: 3))
    #expect(
      client.takeEvents()
        == [.request(StreamID(3), request.map { HeaderField($0.0, $0.1) }, isTruncated: false)])
  }

  /// One byte of HPACK can stand for four kilobytes of header (RFC 7541 §7.3).
  @Test func aHeaderBombCostsNoMemory() throws {
    let client = try Conversation()
    let big = String(repeating: "z", count: 4000)
    let indexed = [UInt8(0x40)] + Frame.literal([("bomb", big)]).dropFirst()
    let block = Frame.literal(request) + indexed + [UInt8](repeating: 0xbe, count: 12_000)
    try client.send(Frame(.headers, flags: Frame.endHeaders, stream: 1, block))
    guard case .request(_, let fields, isTruncated: true) = client.takeEvents().first else {
      Issue.record("a request that is cut")
      return
    }
    #expect(fields.count < 10)
  }

  @Test(arguments: [Frame(.ping, [UInt8](repeating: 1, count: 8)), Frame.settings()])
  func answersThatNobodyReadsAreLimited(frame: Frame) throws {
    let client = try Conversation(limits: HTTP2Limits(maxQueuedAcknowledgements: 100))
    _ = try client.frames()
    for _ in 0..<100 { try client.send(frame) }
    #expect(try client.frames().count == 100)
    for _ in 0..<100 { try client.send(frame) }
    #expect(throws: HTTP2Error.self) { try client.send(frame, frame) }
  }

  @Test func settingsWithTooManyEntriesEndTheConnection() throws {
    for count in [32, 33] {
      let client = try Conversation()
      try client.send(.settings([(id: UInt16, value: UInt32)](repeating: (0x99, 1), count: count)))
      #expect(try goAway(client) == (count == 32 ? nil : 0xb))
    }
  }

  @Test func whatIsNotThePrefaceIsAnError() {
    for text in ["GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r", "\u{16}\u{3}\u{1}"] {
      let session = ServerSession(limits: HTTP2Limits())
      #expect(throws: HTTP2Error.self) { try session.receive(Array(text.utf8).span) }
    }
  }

  @Test func frameErrorsEndTheConnectionWithAGoAway() throws {
    let cases: [(Frame, code: UInt32)] = [
      (Frame(.ping, [1]), 6), (Frame(.settings, [1]), 6),
      (Frame(.ping, stream: 1, .init(repeating: 0, count: 8)), 1),
      (.windowUpdate(0), 1), (.data([1], stream: 1), 1), (.headers(request, stream: 2), 1),
      (Frame(.headers, flags: Frame.endHeaders, stream: 1, [0xff, 0xff, 0xff, 0xff]), 9),
      (Frame(.pushPromise, flags: Frame.endHeaders, stream: 1, [0, 0, 0, 2]), 1),
      (Frame(.data, stream: 0, [1]), 1), (Frame(.ping, [UInt8](repeating: 0, count: 20_000)), 6),
    ]
    for (frame, code) in cases {
      let client = try Conversation()
      try client.send(frame)
      #expect(try goAway(client) == code, "\(frame.kind)")
      #expect(client.session.isFinished)
    }
  }

  /// Frames at random, then bytes at random: an answer or an error, never a trap.
  @Test(arguments: UInt64(0)..<300) func anythingMayCome(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let client = try Conversation()
    do throws(HTTP2Error) {
      for _ in 0..<Int.random(in: 1...200, using: &random) {
        let frame = Frame.random(using: &random)
        var bytes = frame.bytes
        if Int.random(in: 0..<50, using: &random) == 0,
          let index = bytes.indices.randomElement(using: &random)
        {
          bytes[index] = UInt8.random(in: 0...255, using: &random)
        }
        try client.receive(bytes)
        for case .request(let stream, _, _) in client.takeEvents() {
          client.session.respond([HeaderField(":status", "200")], on: stream)
          client.session.send(Rope([UInt8](repeating: 1, count: 3000)), on: stream)
          if Bool.random(using: &random) { client.session.end(stream, trailers: []) }
        }
        try client.drainAndForget(upTo: Int.random(in: 1...5000, using: &random))
      }
    } catch {
      #expect(!error.reason.isEmpty)
    }
  }
}

extension Frame {
  fileprivate static func random(using random: inout SeededRandom) -> Frame {
    let stream = UInt32.random(in: 0...7, using: &random)
    let kinds: [Kind] = [
      .data, .headers, .priority, .resetStream, .settings, .pushPromise, .ping, .goAway,
      .windowUpdate, .continuation,
    ]
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .headers(request, stream: stream, endStream: Bool.random(using: &random))
    case 1: return .data([1, 2, 3], stream: stream, endStream: Bool.random(using: &random))
    case 2: return .windowUpdate(UInt32.random(in: 1...100_000, using: &random), stream: stream)
    case 3:
      return .settings([
        (UInt16.random(in: 1...8, using: &random), UInt32.random(in: 0...70_000, using: &random))
      ])
    case 4: return .reset(stream)
    default:
      return Frame(
        kinds.randomElement(using: &random) ?? .ping,
        flags: UInt8.random(in: 0...255, using: &random), stream: stream,
        (0..<Int.random(in: 0...20, using: &random)).map { _ in .random(in: 0...255, using: &random)
        })
    }
  }
}
