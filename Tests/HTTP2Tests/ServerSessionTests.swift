import HTTP2
import HTTP2Peer
import Segments
import Testing

@Suite struct ServerSessionTests {
  @Test func bytesOneByOneMeanTheSameAsAllAtOnce() throws {
    let bytes =
      Frame.preface + Frame.settings().bytes
      + Frame.headers(request, stream: 1).bytes + Frame.data([1, 2, 3], stream: 1).bytes
      + Frame.data([4], stream: 1, endStream: true).bytes
      + Frame(.ping, [UInt8](repeating: 7, count: 8)).bytes
    let whole = ServerSession(limits: HTTP2Limits())
    let expected = try whole.receive(bytes.span)
    #expect(
      expected == [
        .request(StreamID(1), request.map { HeaderField($0.0, $0.1) }, isTruncated: false),
        .body(StreamID(1), [1, 2, 3, 4]), .requestEnd(StreamID(1)), .ping,
      ])
    let piecewise = ServerSession(limits: HTTP2Limits())
    var events: [HTTP2Event] = []
    for byte in bytes {
      for event in try piecewise.receive([byte].span) {
        if case .body(let stream, let more) = event, case .body(stream, let earlier) = events.last {
          events[events.count - 1] = .body(stream, earlier + more)
        } else {
          events.append(event)
        }
      }
    }
    #expect(events == expected)
    var (a, b) = (Outgoing(), Outgoing())
    _ = try whole.drain(into: &a, upTo: 1 << 20)
    _ = try piecewise.drain(into: &b, upTo: 1 << 20)
    #expect(a.bytes == b.bytes)
  }

  @Test func theFirstFrameIsSettingsWithOurLimits() throws {
    let client = try Conversation(
      limits: HTTP2Limits(maxConcurrentStreams: 7, streamWindowBytes: 70_000))
    let frames = try client.frames()
    let settings: [(id: UInt16, value: UInt32)] = [(3, 7), (4, 70_000), (6, 16_384), (9, 1)]
    #expect(frames.first == Frame.settings(settings))
    #expect(frames.contains(.windowUpdate(1_048_576 - 65_535)))
    #expect(frames.contains(.settingsAck))
  }

  @Test func aResponseIsHeadersBodyTrailers() throws {
    let client = try Conversation()
    try client.send(.headers(request, stream: 1, endStream: true))
    _ = try client.frames()
    let stream = StreamID(1)
    client.session.respond([HeaderField(":status", "200")], on: stream)
    client.session.send(Rope([1, 2]), on: stream)
    client.session.send(Rope([3]), on: stream)
    let first = try client.frames()
    #expect(first.map(\.kind) == [.headers, .data])
    #expect(client.fields(first[0]) == [":status": "200"])
    #expect(first[1] == .data([1, 2, 3], stream: 1))
    #expect(client.session.queuedBytes(on: stream) == 0)
    #expect(!client.session.wantsToWrite)

    client.session.send(Rope([4]), on: stream)
    client.session.end(stream, trailers: [HeaderField("grpc-status", "0")])
    let last = try client.frames()
    #expect(last.map(\.kind) == [.data, .headers])
    #expect(last[1].endsStream && client.fields(last[1]) == ["grpc-status": "0"])
    #expect(client.takeEvents().last == .closed(stream, .noError))
    #expect(client.session.queuedBytes(on: stream) == nil)
  }

  @Test func anEarlyEndTellsThePeerToStopSending() throws {
    let client = try Conversation()
    try client.send(.headers(request, stream: 1))
    _ = try client.frames()
    client.session.respondOnly([HeaderField(":status", "415")], on: StreamID(1))
    let frames = try client.frames()
    #expect(frames.map(\.kind) == [.headers, .resetStream])
    #expect(frames[0].endsStream)
    #expect(frames[1] == .reset(1, code: 0))
  }

  @Test func whatWasNotStartedOrHasEndedTakesNothing() throws {
    let client = try Conversation()
    try client.send(.headers(request, stream: 1))
    client.session.respond([HeaderField(":status", "200")], on: StreamID(1))
    _ = try client.frames()
    try client.send(.reset(1))
    #expect(client.takeEvents().last == .closed(StreamID(1), .cancel))
    for stream in [StreamID(1), StreamID(3)] {
      client.session.respond([HeaderField(":status", "200")], on: stream)
      client.session.respondOnly([HeaderField(":status", "200")], on: stream)
      client.session.send(Rope([1]), on: stream)
      client.session.end(stream, trailers: [])
      client.session.consume(0, on: stream)
      #expect(client.session.queuedBytes(on: stream) == nil)
    }
    #expect(try client.frames() == [])
  }
}
