import Documents
import Foundation
import Testing

/// Google's own protobuf in Python, through Python/oracle.py.
enum Oracle {
  struct Failed: Error { let output: String }

  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Python/oracle.py")
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = root.appending(path: ".venv/bin/python")
    process.arguments = [script.path] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: bytes, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw Failed(output: text) }
    return text
  }

  static func node(_ json: some StringProtocol) throws -> Node {
    let reader = try #require(JSONReader())
    return try #require(reader.tree(of: Array(json.utf8), named: "oracle").root)
  }

  static func json(_ fields: [String: String]) -> String {
    Node(
      .mapping(
        fields.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: Node(.string($0.value))) }
      )
    )
    .json()
  }
}

extension Node {
  func text(_ key: String) throws -> String {
    guard case .string(let text)? = self[key]?.content else { throw Oracle.Failed(output: key) }
    return text
  }
  func bytes(_ key: String) throws -> [UInt8] {
    Array(try #require(Data(base64Encoded: try text(key))))
  }
}
