import Foundation
import TestSupport
import Testing

@testable import HTTPClient

/// Python's HTTP server in a process of its own, until it is freed.
final class PythonServer {
  let port: Int
  let certificate: CertificatePair?
  private let process = Process()
  private let input = Pipe()
  private let folder: URL

  init(overTLS: Bool = false, name: String = "localhost") throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Python/server.py")
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script.path]
    certificate = overTLS ? try CertificatePair(.curve, name: name) : nil
    if let certificate {
      for (file, bytes) in [("crt", certificate.certificate), ("key", certificate.key)] {
        try Data(bytes).write(to: folder.appending(path: file))
        process.arguments?.append(folder.appending(path: file).path)
      }
    }
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      let more = output.fileHandleForReading.availableData
      try #require(!more.isEmpty, "the server says its port")
      line += more
    }
    port = try #require(Int(String(decoding: line, as: UTF8.self).dropLast()))
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  func url(_ path: String, host: String = "localhost") -> String {
    "\(certificate == nil ? "http" : "https")://\(host):\(port)/\(path)"
  }

  var trust: HTTPSecurity {
    HTTPSecurity(trust: .certificates(certificate?.certificate ?? []))
  }
}

/// What the server says it was asked.
struct Echo: Decodable {
  let method: String
  let path: String
  let body: String
  let headers: [String: String]
  let peer: [String]
  let name: String?

  init(_ answer: HTTPAnswer) throws {
    self = try JSONDecoder().decode(Echo.self, from: Data(answer.body))
  }
}

func reason(_ body: () throws -> Void) throws -> HTTPError.Reason? {
  do {
    try body()
    return nil
  } catch let error as HTTPError {
    return error.reason
  }
}
