import Foundation
import Linux
import Testing

@testable import HTTPServer

/// Every question is put by curl or by bytes on a socket: the other side of HTTP is not ours.
@Suite struct PageServerTests {
  static let pages = [
    Page("/ready", "whether the first configuration is compiled") { _ in .text("ready\n") },
    Page("/debug/echo", "the parameter again") { request in
      .json(
        Array("[\"\(request["say"] ?? "nothing")\"]".utf8),
        status: request["say"] == nil ? 400 : 200)
    },
    Page("/big", "five million bytes") { _ in
      Response(
        contentType: "application/octet-stream", body: Array(repeating: 120, count: 5_000_000))
    },
  ]

  private func served(_ body: (UInt16) throws -> Void, idleSeconds: UInt32 = 10) throws {
    let socket = try ListeningSocket(on: .tcp(host: "127.0.0.1", port: 0))
    guard case .tcp(_, let port) = socket.address else { return }
    let server = try PageServer(
      listeningOn: socket, title: "pages", pages: Self.pages,
      limits: .init(connections: 4, headerBytes: 8192, idleSeconds: idleSeconds))
    try withExtendedLifetime(server) { try body(port) }
  }

  @Test func aPageAnswersWithItsTypeAndStatus() throws {
    try served { port in
      let answer = try curl("-si", "http://127.0.0.1:\(port)/ready")
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.contains("Content-Type: text/plain; charset=utf-8\r\n"))
      #expect(answer.hasSuffix("\r\n\r\nready\n"))
    }
  }

  @Test func parametersArriveUnescaped() throws {
    try served { port in
      let url = "http://127.0.0.1:\(port)/debug/echo"
      let both = try curl("-s", "\(url)?a=1&say=router%7E10.0.0.1~x+y")
      #expect(both == "[\"router~10.0.0.1~x y\"]")
      let empty = try curl("-s", "\(url)?say")
      #expect(empty == "[\"\"]")
      let status = try curl("-s", "-o", "/dev/null", "-w", "%{http_code}", url)
      #expect(status == "400")
    }
  }

  @Test func headHasTheHeadersAndNoBody() throws {
    try served { port in
      let answer = try curl("-sI", "http://127.0.0.1:\(port)/big")
      #expect(answer.contains("Content-Length: 5000000\r\n"))
      #expect(answer.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func theIndexLinksEveryPageAndAnUnknownPathNamesThem() throws {
    try served { port in
      let index = try curl("-s", "http://127.0.0.1:\(port)/")
      let unknown = try curl("-s", "-w", "%{http_code}", "http://127.0.0.1:\(port)/redy")
      #expect(unknown.hasPrefix("no page /redy"))
      #expect(unknown.hasSuffix("404"))
      for page in Self.pages {
        #expect(index.contains("<a href=\"\(page.path)\">"))
        #expect(unknown.contains("\(page.path)  \(page.summary)\n"))
      }
    }
  }

  @Test func whatIsNotGetOrHeadIsRefusedBeforeItsBody() throws {
    try served { port in
      let url = "http://127.0.0.1:\(port)/ready"
      let post = try curl("-si", "-H", "Expect:", "-d", "x=1", url)
      #expect(post.hasPrefix("HTTP/1.1 405 "))
      #expect(post.contains("Allow: GET, HEAD\r\n"))
      let body = try curl("-si", "-X", "GET", "-d", String(repeating: "x", count: 100_000), url)
      #expect(body.hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test func aLargeBodyArrivesWhole() throws {
    try served { port in
      let size = try curl(
        "-s", "-o", "/dev/null", "-w", "%{size_download}", "http://127.0.0.1:\(port)/big")
      #expect(size == "5000000")
    }
  }

  @Test func headersBeyondTheLimitAreRefusedAndTheNextClientIsServed() throws {
    try served { port in
      let url = "http://127.0.0.1:\(port)/ready"
      let status = try curl(
        "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H",
        "X-Long: \(String(repeating: "a", count: 20_000))", url)
      #expect(["413", "431", "000"].contains(status))
      let longPath = try curl(
        "-s", "-o", "/dev/null", "-w", "%{http_code}",
        "\(url)?\(String(repeating: "a", count: 20_000))")
      #expect(["414", "431", "000"].contains(longPath))
      #expect(try curl("-s", url) == "ready\n")
    }
  }

  @Test func oneConnectionMoreThanTheLimitWaitsUntilAnotherHasGone() throws {
    try served { port in
      let held = try (0..<4).map { _ in try Client(port: port) }
      for client in held { try client.send("GET /ready HTTP/1.1\r\nHost: x\r\n") }
      let waiting = try Client(port: port)
      try waiting.send("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(!waiting.hasReply(withinMilliseconds: 100))
      try held[0].send("\r\n")
      #expect(held[0].reply().hasPrefix("HTTP/1.1 200 OK"))
      #expect(waiting.reply().hasPrefix("HTTP/1.1 200 OK"))
    }
  }

  @Test func aServerThatIsFreedStopsAtOnceAndLeavesItsPort() throws {
    var port: UInt16 = 0
    var idle: Client?
    let clock = ContinuousClock()
    var freed = clock.now
    try served { used in
      port = used
      idle = try Client(port: used)
      try idle?.send("GET /ready HTTP/1.1\r\n")
      freed = clock.now
    }
    #expect(clock.now - freed < .seconds(1))
    #expect(idle?.reply() == "")
    #expect(try curl("-s", "-w", "%{http_code}", "http://127.0.0.1:\(port)/ready") == "000")
  }
}
