import GRPC
import HTTP2
import HTTP2Peer
import Testing

@Suite struct TimeTests {
  let ping = Frame(.ping, [UInt8](repeating: 1, count: 8))
  let hello = Conversation.message(Array("hello".utf8))

  @Test func pingsMoreOftenThanAllowedEndTheConnection() {
    let client = Conversation()
    client.send(Conversation.call())
    for _ in 0..<3 {
      client.send(ping)
      #expect(client.frames().map(\.kind) == [.ping])
      client.pass(.seconds(1))
    }
    client.send(ping)
    let goAway = client.frames().first { $0.kind == .goAway }
    #expect(goAway?.word(at: 4) == 0xb)
    #expect(goAway.map { Array($0.payload[8...]) } == Array("too_many_pings".utf8))
    #expect(client.server.isFinished)
    #expect(client.echoes[0].log == ["cancelled"])
  }

  @Test func pingsAsOftenAsAllowedGoOnForEver() {
    let client = Conversation()
    client.send(Conversation.call())
    for _ in 0..<100 {
      client.send(ping)
      #expect(client.frames().map(\.kind) == [.ping])
      client.pass(.seconds(10))
    }
  }

  @Test func dataForgivesPings() {
    let client = Conversation()
    client.send(Conversation.call())
    for _ in 0..<20 {
      client.send(.data(hello, stream: 1), ping, ping)
      #expect(!client.frames().contains { $0.kind == .goAway })
    }
  }

  @Test func withoutCallsPingsAreRarer() {
    let client = Conversation()
    for _ in 0..<4 {
      client.send(ping)
      _ = client.frames()
      client.pass(.seconds(10))
    }
    #expect(client.server.isFinished)
  }

  @Test func aSilentClientIsPingedAndThenDropped() {
    let client = Conversation()
    client.send(Conversation.call())
    #expect(client.server.nextDeadline == client.start + .seconds(30))
    client.pass(.seconds(29))
    #expect(client.frames() == [])
    client.pass(.seconds(1))
    let pings = client.frames()
    #expect(pings.map(\.kind) == [.ping] && pings.allSatisfy { !$0.isAck })
    client.pass(.seconds(9))
    #expect(!client.server.isFinished)
    client.pass(.seconds(1))
    #expect(client.server.isFinished)
    #expect(client.echoes[0].log == ["cancelled"])
  }

  /// Nothing wakes for an idle connection but its silence, once each time it has lasted.
  @Test func anIdleConnectionIsLookedAtOnceASilence() {
    let client = Conversation()
    client.send(Conversation.call())
    var (looks, time) = (0, Duration.zero)
    while let next = client.server.nextDeadline, time < .seconds(3600) {
      let wait = next - client.start - time
      client.pass(wait)
      (looks, time) = (looks + 1, time + wait)
      for ping in client.frames() where ping.kind == .ping {
        client.send(Frame(.ping, flags: Frame.ack, ping.payload))
      }
    }
    #expect(looks == 120)
    #expect(client.echoes[0].log == [])
  }

  @Test func anAnswerToThePingKeepsTheConnection() {
    let client = Conversation()
    for _ in 0..<20 {
      client.pass(.seconds(30))
      let pings = client.frames()
      #expect(pings.map(\.kind) == [.ping])
      client.pass(.seconds(9))
      client.send(Frame(.ping, flags: Frame.ack, pings[0].payload))
    }
    #expect(!client.server.isFinished)
  }

  @Test func whoNeverBeginsIsDropped() {
    let server = ServerConnection(
      routes: Routes([:]), peer: Peer(address: "test", isLocal: true), http2: HTTP2Limits(),
      limits: GRPCLimits(), budget: ReceiveBudget(limit: 0), now: .now, retiresAt: nil)
    guard let deadline = server.nextDeadline else {
      Issue.record("a handshake has a deadline")
      return
    }
    server.receive(Array(Frame.preface.dropLast()).span, at: deadline - .seconds(1))
    server.tick(at: deadline - .milliseconds(1))
    #expect(!server.isFinished)
    server.tick(at: deadline)
    #expect(server.isFinished)
  }

  @Test func whatIsNotHTTP2IsDropped() {
    let server = ServerConnection(
      routes: Routes([:]), peer: Peer(address: "test", isLocal: true), http2: HTTP2Limits(),
      limits: GRPCLimits(), budget: ReceiveBudget(limit: 0), now: .now, retiresAt: nil)
    server.receive(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8).span, at: .now)
    #expect(server.isFinished)
  }

  @Test func shutdownAnnouncesWaitsAndEnds() {
    let client = Conversation()
    client.send(Conversation.call(stream: 1))
    client.server.shutDown(grace: .seconds(10), at: client.now)
    let notice = client.frames()
    #expect(notice.map(\.kind) == [.ping, .goAway])
    #expect(notice[1].word() == 0x7fff_ffff && notice[1].word(at: 4) == 0)
    // Was on its way when the notice arrived.
    client.send(
      Conversation.call(stream: 3), Frame(.ping, flags: Frame.ack, notice[0].payload))
    let goAway = client.frames()
    #expect(goAway.map(\.kind) == [.goAway] && goAway[0].word() == 3)
    client.send(Conversation.call(stream: 5), .data(hello, stream: 1))
    #expect(client.frames().map(\.kind) == [.headers, .data])
    #expect(client.echoes.count == 2)
    client.pass(.seconds(10))
    let ends = client.frames().filter { $0.kind == .headers }.sorted { $0.stream < $1.stream }
    #expect(ends.map(\.stream) == [1, 3] && ends.allSatisfy(\.endsStream))
    #expect(ends.map { client.fields($0)["grpc-status"] } == ["14", "14"])
    #expect(client.echoes.map(\.log) == [["message 5", "cancelled"], ["cancelled"]])
    #expect(client.server.isFinished)
  }

  /// Who reads slowly is sent what was begun, and then how the call ended.
  @Test func whatIsBeingSentWhenAConnectionRetiresLeavesWhole() {
    let client = Conversation(settings: [(Frame.initialWindow, 1000)])
    client.send(Conversation.call(stream: 1))
    client.send(
      .data(Conversation.message([UInt8](repeating: 7, count: 5000)), stream: 1))
    #expect(client.frames().filter { $0.kind == .data }.map(\.payload.count) == [1000])
    client.server.retire(at: client.now)
    #expect(client.server.isLeaving)
    #expect(client.frames().map(\.kind) == [.ping, .goAway])
    client.pass(.seconds(20))
    #expect(client.frames().map(\.kind) == [.goAway])
    #expect(!client.server.isFinished)
    client.send(.windowUpdate(10_000, stream: 1))
    let rest = client.frames()
    #expect(rest.filter { $0.kind == .data }.map(\.payload.count).reduce(0, +) == 4005)
    let end = rest.filter { $0.kind == .headers }
    #expect(end.map { client.fields($0)["grpc-status"] } == ["14"])
    #expect(client.server.isFinished)
  }

  @Test func aShutdownWithoutGraceEndsCallsAtOnce() {
    let client = Conversation()
    client.send(Conversation.call(stream: 1))
    client.server.shutDown(grace: .zero, at: client.now)
    let frames = client.frames()
    #expect(frames.filter { $0.kind == .goAway }.map { $0.word() } == [0x7fff_ffff, 1])
    #expect(frames.contains { $0.kind == .headers && $0.endsStream })
    #expect(client.server.isFinished)
  }

  @Test func aClientThatDoesNotAnswerTheNoticeGetsItsGoAwayAnyway() {
    let client = Conversation()
    client.server.shutDown(grace: .seconds(10), at: client.now)
    _ = client.frames()
    client.pass(.seconds(1))
    #expect(client.frames().map(\.kind) == [.goAway])
    #expect(client.server.isFinished)
  }

  @Test func anOldConnectionRetires() {
    let client = Conversation(retiresAfter: .seconds(20))
    client.pass(.seconds(19))
    #expect(client.frames() == [])
    client.pass(.seconds(1))
    #expect(client.frames().map(\.kind) == [.ping, .goAway])
  }
}
