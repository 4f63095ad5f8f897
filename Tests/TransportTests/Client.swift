import Foundation
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// A program of others that talks to the server.
final class Client {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var text = Data()

  /// The Python of `.venv` with grpcio.
  convenience init(_ scenario: String, _ server: EchoServer) throws {
    let script = root.appending(path: "Tests/TransportTests/Python/echo_client.py").path
    let address = "\(server.address)".replacingOccurrences(of: "unix:/", with: "unix:///")
    try self.init(root.appending(path: ".venv/bin/python").path, [script, address, scenario])
  }

  init(_ program: String, _ arguments: [String]) throws {
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  /// The next line it prints.
  func line() -> String {
    while true {
      if let end = text.firstIndex(of: UInt8(ascii: "\n")) {
        defer { text.removeSubrange(...end) }
        return String(decoding: text[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { return "" }
      text += more
    }
  }

  func say(_ line: String) { input.fileHandleForWriting.write(Data("\(line)\n".utf8)) }

  /// What else it prints, when it has ended well.
  func end() -> [String] {
    text += output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
