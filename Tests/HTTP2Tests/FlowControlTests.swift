import HTTP2
import HTTP2Peer
import Segments
import TestSupport
import Testing

@Suite struct FlowControlTests {
  private func body(_ frames: [Frame], stream: UInt32 = 1) -> [UInt8] {
    frames.filter { $0.kind == .data && $0.stream == stream }.flatMap(\.payload)
  }

  private func responding(
    to client: Conversation, with rope: Rope, on stream: UInt32 = 1
  ) throws {
    try client.send(.headers(request, stream: stream, endStream: true))
    client.session.respond([HeaderField(":status", "200")], on: StreamID(Int32(stream)))
    client.session.send(rope, on: StreamID(Int32(stream)))
  }

  /// A client that lets one byte in at a time is sent one byte at a time, in order.
  @Test func tinyWindowsAreKept() throws {
    let client = try Conversation(settings: [(Frame.initialWindow, 0)])
    let bytes = (0..<200).map { UInt8($0) }
    try responding(to: client, with: Rope(bytes))
    #expect(body(try client.frames()).isEmpty)
    for index in bytes.indices {
      #expect(client.session.queuedBytes(on: StreamID(1)) == bytes.count - index)
      try client.send(.windowUpdate(1, stream: 1))
      #expect(body(try client.frames()) == [bytes[index]])
    }
  }

  @Test func hugeWindowsAreFilledWithoutHoldingABacklog() throws {
    let client = try Conversation(settings: [(Frame.initialWindow, 0x7fff_ffff)])
    try client.send(.windowUpdate(0x7fff_ffff - 65_535))
    let segment = Segment([UInt8](repeating: 5, count: 1000))
    let rope = Rope([Segment](repeating: segment, count: 20_000))
    try responding(to: client, with: rope)
    var received = 0
    while received < rope.count {
      var output = Outgoing()
      _ = try client.session.drain(into: &output, upTo: 100_000)
      let buffer = output.bytes
      #expect(buffer.count <= 100_000 + 16_384 + 9)
      guard !buffer.isEmpty else { break }
      received += body(client.read(buffer)).count
    }
    #expect(received == rope.count)
  }

  /// The windows of stream and connection, the size of the caller's room and of the client's grants
  /// are all random; the bytes are those that were sent, and no window is passed.
  @Test(arguments: UInt64(0)..<100) func noWindowIsPassed(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let initial = Int.random(in: 0...40_000, using: &random)
    let client = try Conversation(settings: [(Frame.initialWindow, UInt32(initial))])
    let streams: [UInt32] = [1, 3, 5]
    var windows: [UInt32: Int] = [0: 65_535]
    var expected: [UInt32: [UInt8]] = [:]
    var received: [UInt32: [UInt8]] = [:]
    for stream in streams {
      let bytes = (0..<Int.random(in: 0...60_000, using: &random)).map {
        UInt8(truncatingIfNeeded: $0 / 3 + Int(stream))
      }
      let cut = Int.random(in: 0...bytes.count, using: &random)
      try responding(
        to: client, with: Rope([Segment(Array(bytes[..<cut])), Segment(Array(bytes[cut...]))]),
        on: stream)
      client.session.end(StreamID(Int32(stream)), trailers: [HeaderField("grpc-status", "0")])
      (windows[stream], expected[stream]) = (initial, bytes)
    }
    for step in 0..<2000 {
      for frame in try client.frames(upTo: Int.random(in: 1...50_000, using: &random))
      where frame.kind == .data {
        received[frame.stream, default: []] += frame.payload
        for window in [0, frame.stream] {
          windows[window, default: 0] -= frame.payload.count
          #expect(windows[window, default: 0] >= 0, "seed \(seed), step \(step)")
        }
      }
      let open = streams.filter { expected[$0]?.count != received[$0, default: []].count }
      guard let stream = (open + [0]).randomElement(using: &random), !open.isEmpty else { break }
      let grant = Int.random(in: 1...20_000, using: &random)
      windows[stream, default: 0] += grant
      try client.send(.windowUpdate(UInt32(grant), stream: stream))
    }
    #expect(received == expected.filter { !$0.value.isEmpty }, "seed \(seed)")
  }

  /// Bytes of the client open the windows again only when they are consumed; padding, and what comes
  /// for a stream that is reset, at once.
  @Test func windowsOpenOnlyForWhatIsConsumed() throws {
    let limits = HTTP2Limits(streamWindowBytes: 65_535, connectionWindowBytes: 65_535)
    let client = try Conversation(limits: limits)
    try client.send(.headers(request, stream: 1))
    let part = Frame.data([UInt8](repeating: 1, count: 16_000), stream: 1)
    for _ in 0..<4 { try client.send(part) }
    #expect(!(try client.frames().contains { $0.kind == .windowUpdate }))
    client.session.consume(64_000, on: StreamID(1))
    let updates = try client.frames().filter { $0.kind == .windowUpdate }
    #expect(Set(updates) == [.windowUpdate(64_000, stream: 1), .windowUpdate(64_000)])
    // Past the window is a crime of the stream or the connection.
    for _ in 0..<5 { try client.send(part) }
    let frames = try client.frames()
    #expect(frames.contains { $0.kind == .goAway && $0.word(at: 4) == 3 })
  }

  @Test func paddingOpensTheWindowsByItself() throws {
    let limits = HTTP2Limits(streamWindowBytes: 65_535, connectionWindowBytes: 65_535)
    let client = try Conversation(limits: limits)
    try client.send(.headers(request, stream: 1))
    let padded = Frame(
      .data, flags: Frame.padded, stream: 1, [255] + [UInt8](repeating: 0, count: 255))
    var returned = 0
    for _ in 0..<1000 {
      try client.send(padded)
      returned += try client.frames().filter { $0.kind == .windowUpdate && $0.stream == 0 }
        .reduce(0) { $0 + Int($1.word()) }
    }
    #expect(returned > 1000 * 256 - 65_535)
    #expect(!client.session.isFinished)
  }

  @Test func streamsTakeTurns() throws {
    let client = try Conversation(settings: [(Frame.initialWindow, 1 << 20)])
    try client.send(.windowUpdate(1 << 20))
    for stream: UInt32 in [1, 3] {
      try responding(
        to: client, with: Rope([UInt8](repeating: 1, count: 200_000)), on: stream)
    }
    let order = try client.frames().filter { $0.kind == .data }.map(\.stream)
    #expect(order.prefix(8) == [1, 3, 1, 3, 1, 3, 1, 3])
  }
}
