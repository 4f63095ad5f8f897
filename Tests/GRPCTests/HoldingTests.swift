import GRPC
import HTTP2
import HTTP2Peer
import Testing

/// Calls whose messages are held back for a while.
@Suite struct HoldingTests {
  private func message(_ count: Int) -> [UInt8] {
    Conversation.message([UInt8](repeating: 1, count: count))
  }

  private func held(_ client: Conversation, stream: UInt32 = 1) throws -> Echo {
    client.send(Conversation.call(stream: stream))
    let echo = try #require(client.echoes.last)
    echo.call.hold()
    return echo
  }

  @Test func messagesComeInOrderWhenTheyAreLetGo() throws {
    let client = Conversation()
    let echo = try held(client)
    client.send(.data(message(1) + message(2), stream: 1), .data(message(3), stream: 1))
    #expect(echo.log == [])
    echo.call.letGo()
    #expect(echo.log == ["message 1", "message 2", "message 3"])
    client.send(.data(message(4), stream: 1))
    #expect(echo.log.last == "message 4")
  }

  @Test func theClientsEndWaitsBehindItsMessages() throws {
    let client = Conversation()
    let echo = try held(client)
    client.send(.data(message(1), stream: 1, endStream: true))
    #expect(echo.log == [])
    echo.call.letGo()
    #expect(echo.log == ["message 1", "end", "unsent 1"])
  }

  /// What is held back keeps the window shut, so that the rest waits at the client; afterwards all of it
  /// is open again.
  @Test func whatIsHeldIsBoundedByTheWindow() throws {
    var http2 = HTTP2Limits()
    http2.streamWindowBytes = 65_535
    let client = Conversation(http2: http2)
    let echo = try held(client)
    for _ in 0..<4 { client.send(.data(message(16_000), stream: 1)) }
    #expect(!client.frames().contains { $0.kind == .windowUpdate && $0.stream == 1 })
    echo.call.letGo()
    let opened = client.frames().filter { $0.kind == .windowUpdate && $0.stream == 1 }
    #expect(opened.map { Int($0.word()) }.reduce(0, +) == 4 * 16_005)
    #expect(echo.log.count == 4)
  }

  /// A call that goes while it is held gives the connection its window back.
  @Test(arguments: [true, false]) func whatWasHeldForACallThatIsGoneIsGivenBack(byReset: Bool)
    throws
  {
    var http2 = HTTP2Limits()
    http2.connectionWindowBytes = 65_535
    // Of both calls' messages it holds one.
    let budget = ReceiveBudget(limit: 40_000)
    let client = Conversation(http2: http2, budget: budget)
    var opened = 0
    for round in 0..<20 {
      let stream = UInt32(2 * round + 1)
      let echo = try held(client, stream: stream)
      client.send(.data(message(16_000), stream: stream), .data(message(16_000), stream: stream))
      if byReset { client.send(.reset(stream)) } else { echo.call.finish(.ok) }
      echo.call.letGo()
      #expect(echo.log == (byReset ? ["cancelled"] : []))
      let updates = client.frames().filter { $0.kind == .windowUpdate && $0.stream == 0 }
      opened += updates.map { Int($0.word()) }.reduce(0, +)
      // Half a window is given back at once.
      #expect(opened > (round + 1) * 32_010 - 32_768, "round \(round)")
      #expect(!client.server.isFinished)
    }
  }
}
