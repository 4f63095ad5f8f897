import HTTP2
import HTTP2Peer
import Segments
import TestSupport
import Testing

@testable import GRPC

/// Answers, wakes and ends as chance has it, and notes how it was told of the end.
private final class Fickle: Responder {
  let call: Call
  private(set) var ends = 0
  private var random: SeededRandom

  init(_ call: Call, seed: UInt64) {
    self.call = call
    random = SeededRandom(seed: seed)
    if random.next() % 4 == 0 { call.wake() }
    if random.next() % 20 == 0 { finish() }
  }

  private func finish() {
    if !call.isOver { ends += 1 }
    call.finish(random.next() % 2 == 0 ? .ok : Status(.aborted, "as it happens"))
  }

  func receive(_ message: [UInt8]) {
    #expect(!call.isOver)
    if random.next() % 3 != 0 { call.wake() }
    if random.next() % 10 == 0 { finish() }
  }

  func receiveEnd() {
    #expect(!call.isOver)
    if random.next() % 3 != 0 { finish() }
  }

  func nextMessage() -> Rope? {
    #expect(!call.isOver)
    if random.next() % 10 == 0 { finish() }
    return random.next() % 2 == 0
      ? nil : Rope([UInt8](repeating: 1, count: Int(random.next() % 40_000)))
  }

  func cancelled() { ends += 1 }
}

@Suite struct AnythingTests {
  /// Calls, parts of them, broken frames, passing time and small rooms to write in, in any order:
  /// nothing traps, every call ends once, and what was held is given back.
  @Test(arguments: UInt64(0)..<200) func anythingMayComeInAnyOrder(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var responders: [Fickle] = []
    let budget = ReceiveBudget(limit: 100_000)
    var now = ContinuousClock.now
    let server = ServerConnection(
      routes: Routes([
        "/test.Echo/Stream": { call in
          let responder = Fickle(call, seed: random.next())
          responders.append(responder)
          return responder
        }
      ]),
      peer: Peer(address: "test", isLocal: true), http2: HTTP2Limits(maxConcurrentStreams: 5),
      limits: GRPCLimits(maxReceiveMessageBytes: 50_000), budget: budget, now: now,
      retiresAt: random.next() % 3 == 0 ? now + .seconds(60) : nil)
    let window = UInt32.random(in: 0...100_000, using: &random)
    let opening = Frame.preface + Frame.settings([(Frame.initialWindow, window)]).bytes
    server.receive(opening.span, at: now)
    var buffer = Outgoing()
    for _ in 0..<Int.random(in: 1...300, using: &random) where !server.isFinished {
      server.receive(AnythingTests.bytes(using: &random).span, at: now)
      if random.next() % 3 != 0 {
        buffer.removeAll()
        server.drain(into: &buffer, upTo: Int.random(in: 1...30_000, using: &random), at: now)
      }
      now = now + .milliseconds(Int64.random(in: 0...1500, using: &random))
      if let deadline = server.nextDeadline, deadline <= now { server.tick(at: now) }
      if random.next() % 100 == 0 { server.shutDown(grace: .seconds(5), at: now) }
      for responder in responders where random.next() % 10 == 0 { responder.call.wake() }
    }
    server.die()
    #expect(responders.allSatisfy { $0.ends == 1 }, "seed \(seed)")
    #expect(budget.used == 0, "seed \(seed)")
  }

  private static func bytes(using random: inout SeededRandom) -> [UInt8] {
    let stream = 2 * UInt32.random(in: 0...20, using: &random) + 1
    let end = random.next() % 5 == 0
    var bytes: [UInt8]
    switch random.next() % 10 {
    case 0, 1, 2:
      bytes =
        Conversation.call(
          stream: stream, endStream: end,
          random.next() % 4 == 0 ? ["grpc-timeout": "2S"] : [:]
        ).bytes
    case 3, 4, 5:
      let message = Conversation.message(
        [UInt8](repeating: 2, count: Int.random(in: 0...60_000, using: &random)))
      let part = Array(message.prefix(Int.random(in: 0...16_384, using: &random)))
      bytes = Frame.data(part, stream: stream, endStream: end).bytes
    case 6: bytes = Frame.reset(stream).bytes
    case 7:
      let grant = UInt32.random(in: 1...50_000, using: &random)
      bytes = Frame.windowUpdate(grant, stream: stream).bytes + Frame.windowUpdate(grant).bytes
    case 8:
      bytes = Frame(.ping, flags: UInt8(random.next() % 2), [UInt8](repeating: 0, count: 8)).bytes
    default:
      bytes =
        Frame.settings([
          (Frame.initialWindow, UInt32.random(in: 0...100_000, using: &random))
        ]).bytes
    }
    if random.next() % 300 == 0, let index = bytes.indices.randomElement(using: &random) {
      bytes[index] = UInt8.random(in: 0...255, using: &random)
    }
    return bytes
  }
}
