import Foundation
import Linux
import TestSupport
import Testing

@testable import HTTPClient

/// Many requests on one client, driven by the test as an event loop would.
@Suite struct StreamTests {
  static let stream = HTTPLimits(bodyBytes: nil, total: nil, silence: .seconds(20))

  /// All that happens until `body` says that it has seen enough.
  private func drive(_ client: HTTPClient, until isEnough: (HTTPClient.Event) throws -> Bool) throws
  {
    let epoll = try Epoll()
    try epoll.add(client.descriptor, .readable, token: 0)
    for _ in 0..<10_000 {
      _ = try epoll.wait(timeout: .seconds(20))
      for event in client.advance() { if try isEnough(event) { return } }
    }
    Issue.record("nothing came of it")
  }

  @Test func aStreamComesLineByLineWhileOthersAreAnswered() throws {
    let server = try PythonServer()
    let client = try HTTPClient()
    let stream = client.start(HTTPRequest(.get, server.url("lines/3"), limits: Self.stream))
    var text = ""
    var told: [String] = []
    try drive(client) { event in
      switch event {
      case .answered(stream, let head): told.append("\(head.status)")
      case .body(stream, let bytes):
        text += String(decoding: bytes, as: UTF8.self)
        told.append("line")
        _ = client.start(
          HTTPRequest(.get, server.url("next"), limits: AnswerTests.limits))
      case .ended(stream, let error):
        #expect(error == nil)
        return true
      default: break
      }
      return false
    }
    #expect(told == ["200", "line", "line", "line"])
    #expect(text == "line 0\nline 1\nline 2\n")
  }

  @Test func aRequestThatIsCancelledIsNotHeardOfAgain() throws {
    let server = try PythonServer()
    let client = try HTTPClient()
    let stream = client.start(HTTPRequest(.get, server.url("endless"), limits: Self.stream))
    try drive(client) { event in
      if case .body = event { return true }
      return false
    }
    client.cancel(stream)
    #expect(client.openRequests == 0)
    let other = client.start(
      HTTPRequest(.get, server.url("echo/after"), limits: AnswerTests.limits))
    try drive(client) { event in
      #expect(event.request == other)
      if case .ended = event { return true }
      return false
    }
  }

  @Test func aMistakeInTheRequestIsTheRequestsEnd() throws {
    let client = try HTTPClient()
    let wrong = client.start(HTTPRequest(.get, "nonsense:", limits: Self.stream))
    try drive(client) { event in
      guard case .ended(wrong, let error) = event else { return false }
      return error?.reason == .badURL
    }
  }

  /// A hundred broken answers on fresh connections leave no descriptor behind.
  @Test func connectionsAreGivenBack() throws {
    let server = try PythonServer()
    let client = try HTTPClient()
    func descriptors() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
    let before = try descriptors()
    for _ in 0..<100 {
      let cut = client.start(HTTPRequest(.get, server.url("cut"), limits: AnswerTests.limits))
      try drive(client) { event in
        if case .ended(cut, let error) = event { return error?.reason == .cutOff }
        return false
      }
    }
    // Other tests of this process open some at the same time.
    #expect(try descriptors() < before + 50)
  }

  /// nghttpd speaks HTTP/2 and nothing else over TLS when a client offers it.
  @Test func http2IsSpokenWhereItIsOffered() throws {
    let server = try Nghttpd()
    let client = try HTTPClient()
    var open = Set(
      (0..<20).map { _ in
        client.start(
          HTTPRequest(
            .get, "https://localhost:\(server.port)/file",
            security: HTTPSecurity(trust: .certificates(server.pair.certificate)),
            limits: AnswerTests.limits))
      })
    try drive(client) { event in
      if case .answered(_, let head) = event { #expect(head.status == 200) }
      if case .ended(let id, let error) = event {
        #expect(error == nil)
        open.remove(id)
      }
      return open.isEmpty
    }
    #expect(try server.connections() > 0)
  }
}

/// nghttp2's own server, with one file.
private final class Nghttpd {
  let port: Int
  let pair: CertificatePair
  private let process = Process()
  private let folder: URL

  init() throws {
    pair = try CertificatePair(.curve, name: "localhost")
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(pair.certificate).write(to: folder.appending(path: "crt"))
    try Data(pair.key).write(to: folder.appending(path: "key"))
    try Data(repeating: 120, count: 100_000).write(to: folder.appending(path: "file"))
    // nghttpd does not say which port it took: this one was free a moment ago.
    port = try freePort()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["nghttpd", "-v", "-d", folder.path, "\(port)"] + ["key", "crt"]
    process.currentDirectoryURL = folder
    let log = folder.appending(path: "log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    process.standardOutput = try FileHandle(forWritingTo: log)
    try process.run()
    let deadline = ContinuousClock.now + .seconds(20)
    while !accepts(port: port) { try #require(.now < deadline, "nghttpd listens") }
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// How many of its connections have carried a request.
  func connections() throws -> Int {
    let log = try String(contentsOf: folder.appending(path: "log"), encoding: .utf8)
    return Set(
      log.split(separator: "\n").filter { $0.contains("recv HEADERS frame") }
        .compactMap { $0.split(separator: "]").first }
    ).count
  }
}

private func freePort() throws -> Int {
  let socket = try ListeningSocket(on: .tcp(host: "127.0.0.1", port: 0))
  guard case .tcp(_, let port) = socket.address else { return 0 }
  return Int(port)
}

private func accepts(port: Int) -> Bool {
  guard let descriptor = Loopback.connect(port: port) else { return false }
  close(descriptor)
  return true
}
