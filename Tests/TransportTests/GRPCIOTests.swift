import Foundation
import Linux
import Testing
import Transport

@Suite struct GRPCIOTests {
  @Test(arguments: ["tcp", "unix"]) func messagesOfAllSizesComeBack(over kind: String) throws {
    let path = FileManager.default.temporaryDirectory.path + "/echo-\(UUID()).sock"
    let server = try EchoServer(
      on: kind == "unix" ? .unix(path: path) : .tcp(host: "127.0.0.1", port: 0))
    #expect(try Client("echo", server).end() == [])
    server.shutDown()
  }

  @Test func refusalsAreToldAsGRPCSays() throws {
    var limits = ServerLimits()
    limits.grpc.maxReceiveMessageBytes = 1 << 20
    let server = try EchoServer(limits)
    #expect(
      try Client("refusals", server).end() == [
        "UNIMPLEMENTED unknown method None of service test.Echo",
        "UNIMPLEMENTED unknown service none.None",
        "PERMISSION_DENIED not for locals",
        "RESOURCE_EXHAUSTED a message of 2097152 bytes; the most taken is 1048576",
        "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "UNIMPLEMENTED",
      ])
    server.shutDown()
  }

  @Test func aClientMayPingAsOftenAsTheLimitsSay() throws {
    var limits = ServerLimits()
    limits.grpc.minPingInterval = .milliseconds(1)
    let server = try EchoServer(limits)
    #expect(try Client("client_pings", server).end() == [])
    server.shutDown()
  }

  @Test func aClientThatPingsTooOftenIsToldSo() throws {
    let server = try EchoServer()
    let lines = try Client("too_many_pings", server).end()
    #expect(
      lines == ["UNAVAILABLE Too many pings"] || lines.first?.contains("too_many_pings") == true)
    server.shutDown()
  }

  @Test func aQuietClientAnswersOurPingsAndStays() throws {
    var limits = ServerLimits()
    limits.grpc.keepaliveIdle = .milliseconds(100)
    limits.grpc.keepaliveTimeout = .seconds(60)
    let server = try EchoServer(limits)
    #expect(try Client("quiet", server).end() == [])
    server.shutDown()
  }

  @Test func callsBeyondTheLimitWaitForTheirTurn() throws {
    let server = try EchoServer()
    #expect(try Client("many_streams", server).end() == [])
    server.shutDown()
  }

  @Test func aCancelledCallLeavesTheConnectionAsItWas() throws {
    let server = try EchoServer()
    #expect(try Client("cancelled", server).end() == [])
    #expect(try server.report().counters.accepted == 1)
    server.shutDown()
  }

  /// An old connection takes no more calls; the client makes a second one, and the calls of the first
  /// go on.
  @Test func aConnectionThatRetiresLosesNoCall() throws {
    var limits = ServerLimits(connectionAge: .milliseconds(200))
    limits.grpc.retirementGrace = .seconds(3600)
    let server = try EchoServer(limits)
    let client = try Client("retirement", server)
    while try server.report().counters.accepted < 2 {}
    client.say("the second is there")
    #expect(client.end() == ["the first call goes on"])
    server.shutDown()
  }

  @Test func shutdownEndsCallsWithAStatus() throws {
    let server = try EchoServer()
    let client = try Client("shut_down", server)
    #expect(client.line() == "open")
    server.shutDown()
    #expect(client.end() == ["UNAVAILABLE the server is shutting down"])
  }

  /// Nothing is made for a client that does not read but what fits the windows and one chunk.
  @Test func aSlowClientHasNoBacklog() throws {
    let limits = ServerLimits()
    let server = try EchoServer(limits)
    let client = try Client("slow", server)
    #expect(client.line() == "waiting")
    var report = try server.report()
    let mostAtOnce = limits.writeBytes + 16_384 + 9 + (1 << 20) + 13
    while report.longestQueueBytes == 0 { report = try server.report() }
    for _ in 0..<100 {
      #expect(try server.report().longestQueueBytes <= mostAtOnce)
    }
    let asked = server.floodAsked.withLock { $0 }
    #expect(asked < 50)
    client.say("go on")
    while server.floodAsked.withLock({ $0 }) < asked + 20 { _ = try server.report() }
    server.floodEnds.withLock { $0 = true }
    let lines = client.end()
    #expect(lines.count == 1)
    server.shutDown()
  }
}
