import Foundation
import HTTP2Peer
import Linux
import TestSupport
import Testing
import Transport

/// A TCP client that says exactly what it is told.
private final class RawClient {
  private let descriptor: FileDescriptor
  private var reader = FrameReader()

  init(_ server: EchoServer, receiveBuffer: Int32? = nil) throws {
    guard case .tcp(_, let port) = server.address else {
      preconditionFailure("the server listens on TCP")
    }
    descriptor = FileDescriptor(
      owning: try #require(Loopback.connect(port: Int(port), receiveBuffer: receiveBuffer)))
  }

  func send(_ bytes: [UInt8]) throws {
    var start = 0
    while start < bytes.count {
      guard case .bytes(let count) = try descriptor.write(bytes, from: start) else { return }
      start += count
    }
  }

  func send(_ frames: Frame...) throws { try send(frames.flatMap(\.bytes)) }

  /// The next frames, or nil when the server has closed.
  func frames() throws -> [Frame]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    guard case .bytes(let count) = try descriptor.read(into: &buffer) else { return nil }
    return reader.frames(in: Array(buffer[..<count]))
  }

  /// Everything until the server closes.
  func allFrames() throws -> [Frame] {
    var all: [Frame] = []
    while let more = try frames() { all += more }
    return all
  }

  /// Windows as large as they can be, and a call that floods them.
  static let flood: [UInt8] =
    Frame.preface + Frame.settings([(Frame.initialWindow, 0x7fff_ffff)]).bytes
    + Frame.windowUpdate(0x7fff_ffff - 65_535).bytes + call("/test.Echo/Flood", stream: 1).bytes

  static func call(_ path: String, stream: UInt32) -> Frame {
    .headers(
      [
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"),
        ("content-type", "application/grpc"),
      ], stream: stream)
  }
}

@Suite struct HostileClientTests {
  @Test func whatIsNotHTTP2IsClosed() throws {
    let server = try EchoServer()
    let client = try RawClient(server)
    try client.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    _ = try client.allFrames()
    #expect(try server.report().connections == 0)
    server.shutDown()
  }

  @Test func aClientThatSaysNothingIsClosed() throws {
    var limits = ServerLimits()
    limits.grpc.handshakeTimeout = .milliseconds(50)
    let server = try EchoServer(limits)
    let client = try RawClient(server)
    _ = try client.allFrames()
    #expect(try server.report().connections == 0)
    server.shutDown()
  }

  @Test func aClientThatDoesNotAnswerPingsIsClosed() throws {
    var limits = ServerLimits()
    limits.grpc.keepaliveIdle = .milliseconds(20)
    limits.grpc.keepaliveTimeout = .milliseconds(50)
    let server = try EchoServer(limits)
    let client = try RawClient(server)
    try client.send(Frame.preface + Frame.settings().bytes)
    #expect(try client.allFrames().last?.kind == .ping)
    #expect(try server.report().connections == 0)
    server.shutDown()
  }

  @Test func connectionsBeyondTheLimitAreClosedAndTheOthersGoOn() throws {
    let server = try EchoServer(ServerLimits(maxConnections: 2))
    let clients = try (0..<3).map { _ in try RawClient(server) }
    #expect(try clients[2].allFrames() == [])
    let report = try server.report()
    #expect((report.connections, report.counters.refused) == (2, 1))
    try clients[0].send(Frame.preface + Frame.settings().bytes)
    #expect(try clients[0].frames()?.first?.kind == .settings)
    server.shutDown()
  }

  @Test func rapidResetIsToldAndClosed() throws {
    var limits = ServerLimits()
    limits.http2.resetBurst = 50
    limits.http2.resetsPerSecond = 0
    // The client is told, by the end of what it reads, not by the socket's end.
    limits.lingerTimeout = .seconds(3600)
    let server = try EchoServer(limits)
    let client = try RawClient(server)
    var bytes = Frame.preface + Frame.settings().bytes
    for index in 0..<UInt32(1000) {
      let stream = 2 * index + 1
      bytes += RawClient.call("/test.Echo/Silent", stream: stream).bytes
      bytes += Frame.reset(stream).bytes
    }
    try client.send(bytes)
    #expect(try client.allFrames().contains { $0.kind == .goAway && $0.word(at: 4) == 2 })
    server.shutDown()
  }

  @Test func pingsWithoutEndAreToldAndClosed() throws {
    let server = try EchoServer()
    let client = try RawClient(server)
    let ping = Frame(.ping, [UInt8](repeating: 0, count: 8))
    try client.send(Frame.preface + Frame.settings().bytes)
    try client.send(ping, ping, ping, ping)
    let last = try client.allFrames().last
    #expect(last?.kind == .goAway && last?.word(at: 4) == 0xb)
    #expect(last.map { String(decoding: $0.payload[8...], as: UTF8.self) } == "too_many_pings")
    server.shutDown()
  }

  @Test func aConnectionThatHasEndedDoesNotWaitForItsClientForEver() throws {
    let server = try EchoServer(ServerLimits(lingerTimeout: .milliseconds(20)))
    let client = try RawClient(server)
    try client.send(Frame.preface + Frame.settings().bytes + Frame(.ping, [1]).bytes)
    while try server.report().counters.accepted == 0 {}
    while try server.report().connections > 0 {}
    server.shutDown()
    withExtendedLifetime(client) {}
  }

  /// The client's windows are as large as they can be and its socket takes nothing: what waits is one
  /// chunk for the socket and one message for the call.
  @Test func whatASocketDoesNotTakeIsNotMade() throws {
    var limits = ServerLimits()
    limits.writeBytes = 100_000
    let server = try EchoServer(limits)
    let client = try RawClient(server, receiveBuffer: 4096)
    try client.send(RawClient.flood)
    let message = (1 << 20) + 13
    var report = try server.report()
    // Until the kernel takes no more, wherever in a message that is.
    var (sent, turns) = (-1, 0)
    while turns < 50 {
      report = try server.report()
      let isStuck = report.longestQueueBytes > 0 && report.counters.bytesSent == sent
      (sent, turns) = (report.counters.bytesSent, isStuck ? turns + 1 : 0)
      #expect(report.longestQueueBytes <= limits.writeBytes + 16_384 + 9 + message)
    }
    let asked = server.floodAsked.withLock { $0 }
    // What the kernel took, and one that is on its way.
    #expect(asked <= report.counters.bytesSent / message + 1)
    server.floodEnds.withLock { $0 = true }
    server.shutDown(limit: .milliseconds(100))
  }

  /// Its socket is full, so that not even our ping gets through.
  @Test func aClientThatReadsNothingIsClosedToo() throws {
    var limits = ServerLimits()
    limits.grpc.keepaliveIdle = .milliseconds(20)
    limits.grpc.keepaliveTimeout = .milliseconds(50)
    // More than the kernel ever takes for one socket.
    limits.writeBytes = 32 << 20
    let server = try EchoServer(limits)
    let client = try RawClient(server, receiveBuffer: 4096)
    try client.send(RawClient.flood)
    while server.floodAsked.withLock({ $0 }) == 0 { _ = try server.report() }
    while try server.report().connections > 0 {}
    server.shutDown()
    withExtendedLifetime(client) {}
  }

  /// A client that reads nothing cannot stay by talking.
  @Test func aClientThatTalksAndDoesNotReadIsClosed() throws {
    let server = try EchoServer(
      ServerLimits(writeBytes: 32 << 20, writeTimeout: .milliseconds(50)))
    let client = try RawClient(server, receiveBuffer: 4096)
    try client.send(RawClient.flood)
    while server.floodAsked.withLock({ $0 }) == 0 { _ = try server.report() }
    while try server.report().connections > 0 { try client.send(.windowUpdate(1, stream: 3)) }
    server.shutDown()
  }

  /// A client that neither reads nor goes is cut off when the time is up.
  @Test func shutdownDoesNotWaitForAClientForEver() throws {
    var limits = ServerLimits()
    limits.grpc.keepaliveIdle = .seconds(3600)
    limits.writeTimeout = .seconds(3600)
    let server = try EchoServer(limits)
    let client = try RawClient(server, receiveBuffer: 4096)
    try client.send(RawClient.flood)
    var report = try server.report()
    while report.longestQueueBytes == 0 { report = try server.report() }
    server.shutDown(limit: .milliseconds(50))
    withExtendedLifetime(client) {}
  }

  @Test func manyClientsAtOnceAreServed() throws {
    let server = try EchoServer()
    let clients = try (0..<300).map { _ in try RawClient(server) }
    let message = [0, 0, 0, 0, 2, 7, 7] as [UInt8]
    for client in clients {
      try client.send(
        Frame.preface + Frame.settings().bytes
          + RawClient.call("/test.Echo/Stream", stream: 1).bytes
          + Frame.data(message, stream: 1, endStream: true).bytes)
    }
    for client in clients {
      var body: [UInt8] = []
      var isEnded = false
      while !isEnded, let frames = try client.frames() {
        body += frames.filter { $0.kind == .data }.flatMap(\.payload)
        isEnded = frames.contains { $0.endsStream }
      }
      #expect(body == message)
    }
    #expect(try server.report().connections == 300)
    server.shutDown()
  }
}
