import Foundation
import GRPC
import HTTP2
import Linux
import Segments
import Transport

/// Sends back what it receives; ends the call when the client does.
private final class Echo: Responder {
  private let call: Call
  private var waiting: [[UInt8]] = []
  private var isEnded = false

  init(_ call: Call) { self.call = call }

  func receive(_ message: [UInt8]) {
    waiting.append(message)
    call.wake()
  }

  func receiveEnd() {
    isEnded = true
    call.wake()
  }

  func nextMessage() -> Rope? {
    guard waiting.isEmpty else { return Rope(waiting.removeFirst()) }
    if isEnded { call.finish(.ok) }
    return nil
  }

  func cancelled() {}
}

/// Has something to say whenever it is asked, and says which time it is; a megabyte each.
private final class Flood: Responder {
  private let call: Call
  private let asked: Lock<Int>
  private let last: Lock<Bool>
  private static let rest = Segment([UInt8](repeating: 0, count: 1 << 20))

  init(_ call: Call, asked: Lock<Int>, last: Lock<Bool>) {
    self.call = call
    self.asked = asked
    self.last = last
    call.wake()
  }

  func receive(_ message: [UInt8]) {}
  func receiveEnd() {}

  func nextMessage() -> Rope? {
    let number = asked.withLock { asked in
      asked += 1
      return asked
    }
    if last.withLock({ $0 }) {
      call.finish(.ok)
      return nil
    }
    let digits = (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return Rope([Segment(digits), Flood.rest])
  }

  func cancelled() {}
}

/// Never answers.
private final class Silent: Responder {
  func receive(_ message: [UInt8]) {}
  func receiveEnd() {}
  func nextMessage() -> Rope? { nil }
  func cancelled() {}
}

/// A server on a free port and a thread of its own, or several that share the clients, which stop and
/// are joined when the test lets go.
final class EchoServer: Sendable {
  struct Report: Sendable {
    var counters = ServerCounters()
    var connections = 0
    var longestQueueBytes = 0
  }

  private enum Command: Sendable {
    case adopt(Socket)
    case report
    case shutDown(grace: Duration, limit: Duration)
  }

  let address: SocketAddress
  /// Connections, by thread.
  let loads: ServerLoads
  private let threads: [Linux.Thread]
  private let inboxes: [Inbox<Command>]
  private let reports = Lock<[Report]>([])
  private let reported: EventFD
  /// How often a flood was asked for its next message, and whether it is to end.
  let floodAsked = Lock(0)
  let floodEnds = Lock(false)

  init(
    _ limits: ServerLimits = ServerLimits(),
    on address: SocketAddress = .tcp(host: "127.0.0.1", port: 0), threads count: Int = 1
  ) throws {
    let listening = try ListeningSocket(on: address)
    self.address = listening.address
    let inboxes = try (0..<count).map { _ in try Inbox<Command>(limit: 100) }
    let reported = try EventFD()
    let loads = ServerLoads(servers: count)
    (self.inboxes, self.reported, self.loads) = (inboxes, reported, loads)
    let (reports, floodAsked, floodEnds) = (reports, floodAsked, floodEnds)
    threads = try inboxes.indices.map { place in
      try Linux.Thread(name: "echo \(place)") {
        do {
          let loop = try EventLoop()
          let server = Server(
            loop: loop, routes: EchoServer.routes(floodAsked, floodEnds), limits: limits,
            loads: loads, place: place)
          if place == 0 {
            try server.listen(on: listening) { inboxes[$1].post(.adopt($0)) }
          }
          let watch = try loop.receive(from: inboxes[place]) { commands in
            for command in commands {
              switch command {
              case .adopt(let socket): server.adopt(socket)
              case .report:
                reports.withLock {
                  $0.append(
                    Report(
                      counters: server.counters, connections: server.connectionCount,
                      longestQueueBytes: server.longestQueueBytes))
                }
                reported.signal()
              case .shutDown(let grace, let limit):
                server.shutDown(grace: grace, limit: limit) { loop.stop() }
              }
            }
          }
          try loop.run()
          watch.cancel()
        } catch {
          fatalError("\(error)")
        }
      }
    }
  }

  private static func routes(_ floodAsked: Lock<Int>, _ floodEnds: Lock<Bool>) -> Routes {
    Routes([
      "/test.Echo/Stream": { Echo($0) },
      "/test.Echo/Flood": { Flood($0, asked: floodAsked, last: floodEnds) },
      "/test.Echo/Silent": { _ in Silent() },
      "/test.Echo/Refuse": { call in
        call.finish(Status(.permissionDenied, "not for \(call.peer.isLocal ? "locals" : "you")"))
        return Silent()
      },
    ])
  }

  /// Of all threads together.
  func report() throws -> Report {
    var sum = Report()
    for inbox in inboxes {
      precondition(inbox.post(.report))
      let epoll = try Epoll()
      try epoll.add(reported.descriptor, .readable, token: 0)
      _ = try epoll.wait(timeout: nil)
      reported.clear()
      let report = reports.withLock { $0.removeFirst() }
      sum.counters.accepted += report.counters.accepted
      sum.counters.refused += report.counters.refused
      sum.counters.bytesReceived += report.counters.bytesReceived
      sum.counters.bytesSent += report.counters.bytesSent
      sum.connections += report.connections
      sum.longestQueueBytes = max(sum.longestQueueBytes, report.longestQueueBytes)
    }
    return sum
  }

  func shutDown(grace: Duration = .zero, limit: Duration = .seconds(4)) {
    for inbox in inboxes { precondition(inbox.post(.shutDown(grace: grace, limit: limit))) }
    for thread in threads { thread.join() }
  }
}
