import HTTP2
import HTTP2Peer
import Segments
import TestSupport
import Testing

/// What leaves a session is what was given to it, by reference where that pays, and goes off in pieces of
/// whatever size a socket takes.
@Suite struct OutgoingTests {
  private static func client() throws -> Conversation {
    let client = try Conversation(settings: [(Frame.initialWindow, 0x7fff_ffff)])
    try client.send(.windowUpdate(0x7fff_ffff - 65_535))
    try client.send(.headers(request, stream: 1))
    client.session.respond([HeaderField(":status", "200")], on: StreamID(1))
    _ = try client.frames()
    return client
  }

  /// Invariant 7: of a large response nothing is copied but the frames' own bytes, and the ends of
  /// segments that a frame cuts short.
  @Test func longSegmentsLeaveByReference() throws {
    let client = try OutgoingTests.client()
    let segment = Segment([UInt8](repeating: 7, count: 10_000))
    let rope = Rope([Segment](repeating: segment, count: 100))
    client.session.send(rope, on: StreamID(1))
    var output = Outgoing()
    _ = try client.session.drain(into: &output, upTo: 2 << 20)
    let frames = (rope.count + 16_383) / 16_384
    #expect(output.count == rope.count + 9 * frames)
    #expect(output.copiedCount < frames * (9 + Outgoing.shared))
    segment.withUnsafeBytes { shared in
      output.slices[1].withUnsafeBytes { #expect($0.baseAddress == shared.baseAddress) }
    }
  }

  @Test func shortSegmentsAreCopiedTogether() throws {
    let client = try OutgoingTests.client()
    let rope = Rope((0..<1000).map { Segment([UInt8](repeating: UInt8($0 % 256), count: 16)) })
    client.session.send(rope, on: StreamID(1))
    var output = Outgoing()
    _ = try client.session.drain(into: &output, upTo: 1 << 20)
    #expect(output.copiedCount == output.count)
    #expect(output.slices.count == 1)
    #expect(client.read(output.bytes).flatMap(\.payload) == rope.flattened())
  }

  /// A socket takes what it takes, and what it has not is kept apart, or not.
  @Test(arguments: UInt64(0)..<100) func whatIsTakenInPiecesIsTheWhole(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let client = try OutgoingTests.client()
    let rope = Rope(
      (0..<60).map { _ in
        Segment(
          (0..<Int.random(in: 0...3000, using: &random)).map { UInt8(truncatingIfNeeded: $0) })
      })
    client.session.send(rope, on: StreamID(1))
    var taken: [UInt8] = []
    var output = Outgoing()
    repeat {
      _ = try client.session.drain(
        into: &output, upTo: Int.random(in: 1...60_000, using: &random))
      let bytes = output.bytes
      #expect(bytes.count == output.count, "seed \(seed)")
      let count = Int.random(in: 0...bytes.count, using: &random)
      output.removeFirst(count)
      if Bool.random(using: &random) { output = output.compacted }
      #expect(output.bytes == Array(bytes[count...]), "seed \(seed)")
      taken += bytes[..<count]
    } while !output.isEmpty || client.session.wantsToWrite
    #expect(client.read(taken).flatMap(\.payload) == rope.flattened(), "seed \(seed)")
  }
}
