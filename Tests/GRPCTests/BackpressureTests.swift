import GRPC
import HTTP2
import HTTP2Peer
import Segments
import TestSupport
import Testing

/// Always says the newest state, and remembers what it said.
private final class Newest: Responder {
  let call: Call
  private(set) var said: [UInt32] = []
  var state: UInt32 = 0 { didSet { call.wake() } }
  private let messageBytes: Int

  init(_ call: Call, messageBytes: Int) {
    self.call = call
    self.messageBytes = messageBytes
  }

  func receive(_ message: [UInt8]) {}
  func receiveEnd() { call.finish(.ok) }
  func cancelled() {}

  func nextMessage() -> Rope? {
    guard said.last ?? 0 < state else { return nil }
    said.append(state)
    return Rope(Frame.word(state) + [UInt8](repeating: 0, count: messageBytes - 4))
  }
}

@Suite struct BackpressureTests {
  private let messageBytes = 10_000

  private func start(
    window: UInt32
  ) throws -> (server: ServerConnection, newest: Newest, reader: FrameReader) {
    var newest: Newest?
    let routes = Routes([
      "/test.Newest/Watch": { call in
        let responder = Newest(call, messageBytes: 10_000)
        newest = responder
        return responder
      }
    ])
    let server = ServerConnection(
      routes: routes, peer: Peer(address: "test", isLocal: true), http2: HTTP2Limits(),
      limits: GRPCLimits(), budget: ReceiveBudget(limit: 0), now: .now, retiresAt: nil)
    let bytes =
      Frame.preface + Frame.settings([(Frame.initialWindow, window)]).bytes
      + Conversation.call("/test.Newest/Watch").bytes
    server.receive(bytes.span, at: .now)
    var reader = FrameReader()
    _ = try drain(server, &reader)
    return (server, try #require(newest), reader)
  }

  private func drain(_ server: ServerConnection, _ reader: inout FrameReader) throws -> [UInt8] {
    var output = Outgoing()
    server.drain(into: &output, upTo: 1 << 20, at: .now)
    return reader.frames(in: output.bytes).filter { $0.kind == .data }.flatMap(\.payload)
  }

  /// While a client does not read, the state changes a thousand times; it is sent what it was being
  /// sent, and then the newest.
  @Test func aClientThatDoesNotReadIsSentTheNewestWhenItDoes() throws {
    var (server, newest, reader) = try start(window: 100)
    for state in 1...1000 as ClosedRange<UInt32> {
      newest.state = state
      _ = try drain(server, &reader)
      #expect(server.queuedBytes <= messageBytes + 5)
    }
    #expect(newest.said == [1])
    server.receive(Frame.windowUpdate(100_000, stream: 1).bytes.span, at: .now)
    _ = try drain(server, &reader)
    #expect(newest.said == [1, 1000])
    #expect(server.queuedBytes == 0)
  }

  /// Grants and changes at random: whatever is said arrives whole and in order, and the end is the
  /// newest state.
  @Test(arguments: UInt64(0)..<100) func whatIsSaidArrivesWholeAndInOrder(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var (server, newest, reader) = try start(window: 0)
    var body: [UInt8] = []
    for step in 0..<200 {
      if Bool.random(using: &random) { newest.state += 1 }
      let grant = UInt32.random(in: 1...8000, using: &random)
      let frames = Frame.windowUpdate(grant, stream: 1).bytes + Frame.windowUpdate(grant).bytes
      server.receive(frames.span, at: .now)
      body += try drain(server, &reader)
      #expect(server.queuedBytes <= messageBytes + 5, "seed \(seed), step \(step)")
    }
    let rest = Frame.windowUpdate(1 << 20, stream: 1).bytes + Frame.windowUpdate(1 << 20).bytes
    server.receive(rest.span, at: .now)
    body += try drain(server, &reader)
    let size = messageBytes + 5
    #expect(body.count == newest.said.count * size, "seed \(seed)")
    let states = stride(from: 5, to: body.count, by: size).map {
      body[$0..<($0 + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
    #expect(states == newest.said, "seed \(seed)")
    #expect(newest.said.last ?? 0 == newest.state, "seed \(seed)")
  }

  /// The end comes after what was said before it, however slowly that leaves.
  @Test func anEndWaitsForTheMessagesBeforeIt() throws {
    var (server, newest, reader) = try start(window: 1)
    newest.state = 1
    _ = try drain(server, &reader)
    newest.call.finish(.ok)
    newest.state = 2
    var output = Outgoing()
    server.receive(Frame.windowUpdate(20_000, stream: 1).bytes.span, at: .now)
    server.drain(into: &output, upTo: 1 << 20, at: .now)
    let kinds = reader.frames(in: output.bytes).filter { $0.kind == .data || $0.kind == .headers }
    #expect(kinds.filter { $0.kind == .data }.reduce(0) { $0 + $1.payload.count } == 10_004)
    #expect(kinds.last?.endsStream == true && newest.said == [1])
  }
}
