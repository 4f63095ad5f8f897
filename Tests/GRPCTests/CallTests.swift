import GRPC
import HTTP2
import HTTP2Peer
import Segments
import TestSupport
import Testing

@Suite struct CallTests {
  let hello = Conversation.message(Array("hello".utf8))

  @Test func aCallIsHeadersMessagesTrailers() {
    let client = Conversation()
    client.send(Conversation.call(), .data(hello, stream: 1))
    let first = client.frames()
    #expect(first.map(\.kind) == [.headers, .data])
    #expect(
      client.fields(first[0]) == [
        ":status": "200", "content-type": "application/grpc",
        "grpc-accept-encoding": "identity,gzip",
      ])
    #expect(first[1] == .data(hello, stream: 1))
    client.send(.data([], stream: 1, endStream: true))
    let last = client.frames()
    #expect(last.map(\.kind) == [.headers])
    #expect(last[0].endsStream && client.fields(last[0]) == ["grpc-status": "0"])
    #expect(client.echoes.map(\.log) == [["message 5", "end"]])
  }

  @Test func messagesCutAtEveryOffsetArriveWhole() {
    let messages = [[], [7], Array("hello, world".utf8)] as [[UInt8]]
    let bytes = messages.flatMap { Conversation.message($0) }
    for cut in 0...bytes.count {
      for second in cut...bytes.count {
        let client = Conversation()
        client.send(
          Conversation.call(), .data(Array(bytes[..<cut]), stream: 1),
          .data(Array(bytes[cut..<second]), stream: 1),
          .data(Array(bytes[second...]), stream: 1, endStream: true))
        let body = client.frames().filter { $0.kind == .data }.flatMap(\.payload)
        #expect(body == bytes, "cut at \(cut) and \(second)")
      }
    }
  }

  @Test func aCallThatItsRouteRefusesIsTrailersOnly() {
    let client = Conversation()
    client.send(Conversation.call("/test.Echo/Refuse"))
    let frames = client.frames()
    #expect(frames.map(\.kind) == [.headers, .resetStream])
    #expect(frames[0].endsStream)
    let fields = client.fields(frames[0])
    #expect(fields["grpc-status"] == "7" && fields["grpc-message"] == "50%25 no%0A")
    #expect(frames[1].word() == 0)
  }

  @Test(arguments: [
    ("/test.Echo/Other", "unknown method Other of service test.Echo"),
    ("/other.Service/M", "unknown service other.Service"), ("/", "unknown service "),
  ])
  func unknownPathsAreUnimplemented(path: String, message: String) {
    let client = Conversation()
    client.send(Conversation.call(path))
    let fields = client.fields(client.frames()[0])
    #expect(fields["grpc-status"] == "12" && fields["grpc-message"] == message)
  }

  @Test func aPathThatIsNoneIsAProtocolError() {
    let client = Conversation()
    client.send(Conversation.call("nonsense"))
    #expect(client.frames() == [.reset(1, code: 1)])
  }

  @Test func whatIsNotACallIsRefusedAsHTTPSays() {
    let cases: [(changes: [String: String?], status: String, grpc: String)] = [
      (["content-type": "text/html"], "415", "13"), (["content-type": nil], "415", "13"),
      (["content-type": "application/grpc-web"], "415", "13"),
      ([":method": "GET"], "405", "13"), (["grpc-encoding": "snappy"], "200", "12"),
      (["grpc-timeout": "soon"], "200", "13"), (["grpc-timeout": "123456789S"], "200", "13"),
    ]
    for (changes, status, grpc) in cases {
      let client = Conversation()
      client.send(Conversation.call("/test.Echo/Stream", changes))
      let fields = client.fields(client.frames()[0])
      #expect(fields[":status"] == status && fields["grpc-status"] == grpc, "\(changes)")
      #expect(fields["grpc-accept-encoding"] == "identity,gzip")
      #expect(client.echoes.isEmpty)
    }
    for type in ["application/grpc+proto", "application/grpc;charset=utf-8"] {
      let client = Conversation()
      client.send(Conversation.call("/test.Echo/Stream", ["content-type": type]))
      #expect(client.echoes.count == 1)
    }
  }

  @Test func aResetCancelsTheCallOnce() {
    let client = Conversation()
    client.send(Conversation.call(), .data(hello, stream: 1), .reset(1))
    #expect(client.echoes.map(\.log) == [["message 5", "cancelled"]])
    #expect(client.frames() == [])
    client.echoes[0].call.wake()
    client.echoes[0].call.finish(.ok)
    #expect(client.frames() == [])
    client.server.die()
    #expect(client.echoes.map(\.log) == [["message 5", "cancelled"]])
  }

  @Test(arguments: ["Stream", "Refuse"]) func aCallThatIsOverLetsGoOfItsResponder(method: String) {
    final class Holder: Responder {
      let call: Call
      init(_ call: Call) { self.call = call }
      func receive(_ message: [UInt8]) {}
      func receiveEnd() { call.finish(.ok) }
      func nextMessage() -> Rope? { nil }
      func cancelled() {}
    }
    weak var held: Holder?
    let server = ServerConnection(
      routes: Routes([
        "/test.Echo/\(method)": { call in
          if method == "Refuse" { call.finish(Status(.aborted)) }
          let holder = Holder(call)
          held = holder
          return holder
        }
      ]),
      peer: Peer(address: "test", isLocal: true), http2: HTTP2Limits(), limits: GRPCLimits(),
      budget: ReceiveBudget(limit: 0), now: .now, retiresAt: nil)
    let call = Conversation.call("/test.Echo/\(method)").bytes
    server.receive((Frame.preface + Frame.settings().bytes + call).span, at: .now)
    #expect((held == nil) == (method == "Refuse"))
    server.receive(Frame.data([], stream: 1, endStream: true).bytes.span, at: .now)
    #expect(held == nil)
  }

  @Test func aLostConnectionCancelsItsCalls() {
    let client = Conversation()
    client.send(Conversation.call(stream: 1), Conversation.call(stream: 3))
    client.server.die()
    #expect(client.echoes.map(\.log) == [["cancelled"], ["cancelled"]])
    #expect(client.server.isFinished && client.server.nextDeadline == nil)
  }

  @Test func aRequestThatEndsWithinAMessageIsAnError() {
    let client = Conversation()
    client.send(Conversation.call(), .data(Array(hello.dropLast()), stream: 1, endStream: true))
    let fields = client.fields(client.frames()[0])
    #expect(fields["grpc-status"] == "13")
    #expect(client.echoes[0].log == ["cancelled"])
  }

  @Test func aDeadlineEndsTheCall() {
    let client = Conversation()
    client.send(
      Conversation.call(stream: 1, ["grpc-timeout": "50m"]), Conversation.call(stream: 3))
    #expect(client.server.nextDeadline == client.start + .milliseconds(50))
    client.pass(.milliseconds(49))
    #expect(client.frames() == [])
    client.pass(.milliseconds(1))
    let frames = client.frames()
    #expect(frames.first?.stream == 1)
    #expect(client.fields(frames[0])["grpc-status"] == "4")
    #expect(client.echoes.map(\.log) == [["cancelled"], []])
  }
}
