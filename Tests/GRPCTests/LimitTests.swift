import Foundation
import GRPC
import HTTP2
import HTTP2Peer
import Segments
import TestSupport
import Testing

/// Made with Python's gzip module.
private let helloGzip = "H4sIAAAAAAACA8tIzcnJV8hAJwHjUT2NFwAAAA=="
private let hundredThousandZerosGzip = """
  H4sIAAAAAAACA+3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIBXA32VEdSghgEA
  """

private func bytes(_ base64: String) throws -> [UInt8] {
  Array(try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters)))
}

@Suite struct LimitTests {
  let gzipCall = Conversation.call("/test.Echo/Stream", ["grpc-encoding": "gzip"])

  private func status(after client: Conversation) -> String? {
    client.frames().first { $0.kind == .headers && $0.endsStream }
      .map { client.fields($0) }?["grpc-status"]
  }

  @Test func gzipIsUnderstoodAndIdentityAnswered() throws {
    let client = Conversation()
    client.send(
      gzipCall, .data(Conversation.message(try bytes(helloGzip), flag: 1), stream: 1),
      .data(Conversation.message([1]), stream: 1))
    let body = client.frames().filter { $0.kind == .data }.flatMap(\.payload)
    let hello = Array("hello hello hello hello".utf8)
    #expect(body == Conversation.message(hello) + Conversation.message([1]))
  }

  @Test func brokenGzipIsAnErrorWhereverItBreaks() throws {
    let good = try bytes(helloGzip)
    for index in good.indices {
      for broken in [Array(good[..<index]), good + [0]] {
        let client = Conversation()
        client.send(gzipCall, .data(Conversation.message(broken, flag: 1), stream: 1))
        #expect(status(after: client) == "13", "cut at \(index)")
      }
    }
  }

  @Test func aMessageThatInflatesPastTheLimitIsRefused() throws {
    for (limit, expected) in [(99_999, "8"), (100_000, nil)] {
      let client = Conversation(GRPCLimits(maxReceiveMessageBytes: limit))
      let zeros = try bytes(hundredThousandZerosGzip)
      client.send(gzipCall, .data(Conversation.message(zeros, flag: 1), stream: 1))
      #expect(status(after: client) == expected)
      #expect(client.echoes[0].log == [expected == nil ? "message 100000" : "cancelled"])
    }
  }

  @Test func compressionThatWasNotAnnouncedIsAnError() {
    for flag: UInt8 in [1, 2, 255] {
      let client = Conversation()
      client.send(Conversation.call(), .data(Conversation.message([1], flag: flag), stream: 1))
      #expect(status(after: client) == "13")
    }
  }

  @Test func aLengthPastTheLimitIsRefusedBeforeItsBytesCome() {
    let limit = 1000
    for (count, expected) in [(limit, nil), (limit + 1, "8"), (Int(UInt32.max), "8")] {
      let client = Conversation(GRPCLimits(maxReceiveMessageBytes: limit))
      client.send(Conversation.call(), .data([0] + Frame.word(UInt32(count)), stream: 1))
      #expect(status(after: client) == expected, "\(count)")
    }
  }

  @Test func unfinishedMessagesOfAllCallsTogetherAreLimited() {
    let limits = GRPCLimits(maxUnfinishedBytesPerConnection: 300)
    let client = Conversation(limits)
    let part = [0] + Frame.word(1000) + [UInt8](repeating: 1, count: 95)
    for stream: UInt32 in [1, 3, 5] {
      client.send(Conversation.call(stream: stream), .data(part, stream: stream))
    }
    #expect(status(after: client) == nil)
    client.send(.data([1], stream: 3))
    #expect(status(after: client) == "8")
    #expect(client.echoes.map(\.log) == [[], ["cancelled"], []])
    // What the refused call held is free for others.
    client.send(.data([UInt8](repeating: 1, count: 100), stream: 1))
    #expect(status(after: client) == nil)
  }

  @Test func connectionsShareABudgetAndGiveBack() {
    let budget = ReceiveBudget(limit: 150)
    let part = [0] + Frame.word(1000) + [UInt8](repeating: 1, count: 95)
    let clients = (0..<2).map { _ in Conversation(budget: budget) }
    for client in clients { client.send(Conversation.call(), .data(part, stream: 1)) }
    #expect(clients.map { status(after: $0) } == [nil, "8"])
    clients[0].server.die()
    let third = Conversation(budget: budget)
    third.send(Conversation.call(), .data(part, stream: 1))
    #expect(status(after: third) == nil)
  }

  @Test func headerFieldsPastTheLimitRefuseTheCall() {
    for (count, expected) in [(100, nil), (4000, "8")] {
      let client = Conversation(http2: HTTP2Limits(maxHeaderListBytes: 1000))
      client.send(
        Conversation.call(
          "/test.Echo/Stream", ["x-long": String(repeating: "a", count: count)]))
      #expect(status(after: client) == expected)
      #expect(client.echoes.count == (expected == nil ? 1 : 0))
    }
  }

  /// The windows open only as far as messages were taken; a large message fits through a small window.
  @Test func windowsOpenAsMessagesAreTaken() {
    let client = Conversation(
      http2: HTTP2Limits(streamWindowBytes: 65_535, connectionWindowBytes: 65_535))
    client.send(Conversation.call())
    let bytes = Conversation.message([UInt8](repeating: 9, count: 1 << 20))
    var window = 65_535
    var sent = 0
    while sent < bytes.count {
      let count = min(window, 16_384, bytes.count - sent)
      #expect(count > 0)
      guard count > 0 else { return }
      client.send(.data(Array(bytes[sent..<(sent + count)]), stream: 1))
      sent += count
      window -= count
      for frame in client.frames() where frame.kind == .windowUpdate && frame.stream == 1 {
        window += Int(frame.word())
      }
    }
    #expect(client.echoes[0].log == ["message 1048576"])
  }
}
