import Foundation
import Linux
import Testing

@Suite struct SocketTests {
  @Test func anAddressIsReadAsPeopleWriteIt() {
    #expect(SocketAddress("127.0.0.1:15010") == .tcp(host: "127.0.0.1", port: 15010))
    #expect(SocketAddress("[::1]:0") == .tcp(host: "::1", port: 0))
    #expect(SocketAddress("localhost:80") == .tcp(host: "localhost", port: 80))
    #expect(SocketAddress(":80") == .tcp(host: "", port: 80))
    #expect(SocketAddress("unix:/run/x.sock") == .unix(path: "/run/x.sock"))
    for text in [
      "", "80", "127.0.0.1", "a:b", "a:65536", "::1:80", "http://a:80", "unix:", "a b:1",
    ] {
      #expect(SocketAddress(text) == nil, "\(text)")
    }
    #expect(SocketAddress("unix:\(String(repeating: "x", count: 108))") == nil)
  }

  @Test(arguments: ["127.0.0.1:1", "[::1]:1", ":1", "unix:/x"])
  func anAddressIsPrintedAsItIsRead(text: String) {
    #expect(SocketAddress(text)?.description == text)
  }

  @Test func onlyLoopbackAndUnixSocketsAreLocal() {
    for text in ["127.0.0.1:1", "127.1.2.3:1", "[::1]:1", "localhost:1", "unix:/x"] {
      #expect(SocketAddress(text)?.isLocal == true, "\(text)")
    }
    for text in [":1", "0.0.0.0:1", "10.0.0.1:1", "[::]:1", "127.example.com:1", "host:1"] {
      #expect(SocketAddress(text)?.isLocal == false, "\(text)")
    }
  }

  @Test func aNumberOrAPathNeedsNoLookUp() {
    for text in [":1", "10.0.0.1:1", "[fe80::1]:1", "unix:/x"] {
      #expect(SocketAddress(text)?.isNumeric == true, "\(text)")
    }
    for text in ["localhost:1", "127.example.com:1", "10.0.0:1"] {
      #expect(SocketAddress(text)?.isNumeric == false, "\(text)")
    }
  }

  @Test(arguments: ["127.0.0.1:0", "[::1]:0", ":0", "localhost:0"])
  func port0BecomesARealPortThatClientsReach(text: String) throws {
    let socket = try ListeningSocket(on: try #require(SocketAddress(text)))
    guard case .tcp(let host, let port) = socket.address else {
      Issue.record("\(text) gave \(socket.address)")
      return
    }
    #expect(port != 0)
    #expect(try socket.accept() == nil)
    let target = host.contains(":") ? "[\(host)]" : host.isEmpty ? "127.0.0.1" : host
    let client = try connecting("http://\(target):\(port)/")
    let accepted = try awaitClient(of: socket)
    #expect(try answer(#require(accepted)) == .bytes(43))
    #expect(client() == "hello")
    #expect(accepted?.peer.isLocal == true)
    guard case .tcp(let peer, 1...) = accepted?.peer else {
      Issue.record("\(text) has a client at \(String(describing: accepted?.peer))")
      return
    }
    #expect(peer == "127.0.0.1" || peer == "::1")
  }

  @Test func aUnixSocketTakesThePlaceOfADeadOneAndIsRemovedInTheEnd() throws {
    let path = FileManager.default.temporaryDirectory.path + "/fairlead-\(UUID()).sock"
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    do {
      let socket = try ListeningSocket(on: .unix(path: path))
      let client = try connecting("--unix-socket", path, "http://x/")
      let accepted = try awaitClient(of: socket)
      #expect(try answer(#require(accepted)) == .bytes(43))
      #expect(client() == "hello")
      #expect(accepted?.peer == .unix(path: ""))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  /// Written in parts, one of them empty.
  private func answer(_ client: Socket) throws -> Transfer {
    let head = Array("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n".utf8)
    return try client.write([head[...], head[..<0], Array("hello".utf8)[...]])
  }

  @Test func anAddressInUseIsNamed() throws {
    let first = try ListeningSocket(on: .tcp(host: "127.0.0.1", port: 0))
    let failure = #expect(throws: LinuxError.self) { _ = try ListeningSocket(on: first.address) }
    #expect(failure?.description == "cannot listen on \(first.address): Address already in use")
    #expect(throws: LinuxError.self) {
      _ = try ListeningSocket(on: .unix(path: "/no such folder/x"))
    }
  }

  private func awaitClient(of socket: ListeningSocket) throws -> Socket? {
    let epoll = try Epoll()
    try epoll.add(socket.descriptor, .readable, token: 1)
    _ = try epoll.wait(timeout: .seconds(10))
    return try socket.accept()
  }

  /// Starts curl; the answer is what it prints once it has ended.
  private func connecting(_ arguments: String...) throws -> () -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/curl")
    process.arguments = ["-s", "--max-time", "10"] + arguments
    process.standardOutput = output
    try process.run()
    return {
      let text = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return String(decoding: text, as: UTF8.self)
    }
  }
}
