import Foundation
import Linux

/// As much of an API server as a follower of all kinds needs: lists in pages, lists as watches, and
/// watches that someone else writes the events of. Every byte it sends was there before it was asked.
final class APIServer: Sendable {
  let port: Int
  private let listener: CInt
  private let answers: [String: Answers]
  private let minor: Int
  private let watches = Lock<[String: CInt]>([:])

  /// Of one kind.
  struct Answers: Sendable {
    /// Every page of 500 objects, whole answers.
    var pages: [[UInt8]] = []
    /// All objects as the beginning of a watch, in chunks.
    var stream: [UInt8] = []
  }

  /// Servers before 1.32 tell no lists as watches.
  init(_ objects: ClusterObjects, minor: Int) {
    self.minor = minor
    answers = Dictionary(
      uniqueKeysWithValues: objects.kinds.map { path, count in
        (path, Answers(objects, path, count, streams: minor >= 32))
      })
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) | listen(listener, 128) | getsockname(listener, $0, &length)
      }
    }
    precondition(code == 0, "a port of loopback is free: errno \(errno)")
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  /// How many bytes all lists come to.
  var size: Int {
    answers.values.reduce(0) { $0 + $1.stream.count + $1.pages.reduce(0) { $0 + $1.count } }
  }

  /// Serves, a thread a connection, for as long as the process lives.
  func start() throws {
    _ = try Linux.Thread(name: "accept") { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        var isOn: CInt = 1
        setsockopt(
          connection, CInt(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<CInt>.size))
        _ = try? Linux.Thread(name: "serve") { [self] in serve(connection) }
      }
    }
  }

  /// The open watch of a kind, which whoever asks writes its events to.
  func watch(_ path: String) -> CInt? { watches.withLock { $0[path] } }

  static func chunk(_ bytes: [UInt8]) -> [UInt8] {
    Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
  }

  static func send(_ bytes: [UInt8], to connection: CInt) {
    bytes.withUnsafeBytes { buffer in
      var start = 0
      while start < buffer.count {
        let count = write(connection, buffer.baseAddress! + start, buffer.count - start)
        guard count > 0 else { return }
        start += count
      }
    }
  }

  private func serve(_ connection: CInt) {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var request = ""
    while true {
      let count = read(connection, &buffer, buffer.count)
      guard count > 0 else {
        close(connection)
        return
      }
      request += String(decoding: buffer[..<count], as: UTF8.self)
      while let end = request.range(of: "\r\n\r\n") {
        let target = request.split(separator: " ", maxSplits: 2)[1]
        answer(String(target), on: connection)
        request = String(request[end.upperBound...])
      }
    }
  }

  private func answer(_ target: String, on connection: CInt) {
    let url = URLComponents(string: "http://server" + target)
    let query = Dictionary(
      (url?.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
    let path = url?.path ?? ""
    guard path != "/version" else {
      APIServer.send(APIServer.whole("{\"major\":\"1\",\"minor\":\"\(minor)\"}"), to: connection)
      return
    }
    let answers = answers[path] ?? Answers(none: minor >= 32)
    guard query["watch"] == "true" else {
      let page = query["continue"].flatMap { Int($0) } ?? 0
      APIServer.send(answers.pages[page], to: connection)
      return
    }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    APIServer.send(Array("\(head)\r\n\r\n".utf8), to: connection)
    // Known before the last byte of the list is there: changes come after that.
    watches.withLock { $0[path] = connection }
    if query["sendInitialEvents"] == "true" { APIServer.send(answers.stream, to: connection) }
  }

  fileprivate static func whole(_ text: String) -> [UInt8] {
    let body = Array(text.utf8)
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.count)"
    return Array("\(head)\r\n\r\n".utf8) + body
  }
}

extension APIServer.Answers {
  private static let bookmark = """
    {"type":"BOOKMARK","object":{"kind":"Something","metadata":{"resourceVersion":"1000",\
    "annotations":{"k8s.io/initial-events-end":"true"}}}}

    """

  init(none streams: Bool) {
    pages = [APIServer.whole("{\"metadata\":{\"resourceVersion\":\"1000\"},\"items\":[]}")]
    stream = APIServer.chunk(Array(Self.bookmark.utf8))
  }

  init(_ objects: ClusterObjects, _ path: String, _ count: Int, streams: Bool) {
    guard !streams else {
      for start in stride(from: 0, to: count, by: 20) {
        let lines = (start..<min(start + 20, count)).map {
          "{\"type\":\"ADDED\",\"object\":\(objects.text(path, $0))}\n"
        }
        stream += APIServer.chunk(Array(lines.joined().utf8))
      }
      stream += APIServer.chunk(Array(Self.bookmark.utf8))
      return
    }
    for start in stride(from: 0, to: count, by: 500) {
      let items = (start..<min(start + 500, count)).map { objects.text(path, $0) }
      let next = start + 500 < count ? ",\"continue\":\"\(start / 500 + 1)\"" : ""
      pages.append(
        APIServer.whole(
          "{\"metadata\":{\"resourceVersion\":\"1000\"\(next)},\"items\":["
            + items.joined(separator: ",") + "]}"))
    }
  }
}
