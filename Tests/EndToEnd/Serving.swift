import Foundation
import Testing

/// `fairlead serve` on a folder, until its owner lets go of it.
final class Serving {
  /// The gateway of deploy/examples/bookinfo.
  static let gateway =
    "router~127.16.0.1~istio-ingressgateway-1.istio-system~istio-system.svc.cluster.local"
  static let metadata =
    #"{"NAMESPACE": "istio-system", "SERVICE_ACCOUNT": "istio-ingressgateway", "#
    + #""LABELS": {"istio": "ingressgateway", "app": "istio-ingressgateway"}}"#

  /// Each credential of the example, and the host it is for.
  static let secrets = [
    "bookinfo-secret": "bookinfo.example.com", "ecommerce-tls-secret": "shop.mystore.com",
  ]

  let folder: TemporaryFolder
  let xds: String
  let http: String
  private let process = Process()
  private let log: LogLines

  /// A copy of the example with its two TLS secrets, and what is written into the folder besides.
  convenience init(adding write: (TemporaryFolder) throws -> Void = { _ in }) throws {
    let folder = try TemporaryFolder()
    let example = Installed.root.appending(path: "deploy/examples/bookinfo")
    for file in try FileManager.default.contentsOfDirectory(atPath: example.path) {
      let text = try String(contentsOf: example.appending(path: file), encoding: .utf8)
      _ = try folder.write(text, as: file)
    }
    for (name, host) in Self.secrets {
      let made = try Certificate(host: host)
      _ = try folder.write(secret(name, made.certificate, made.key), as: "\(name).yaml")
    }
    try write(folder)
    try self.init(on: folder.url.path, of: folder)
  }

  /// A server of a file or folder; `folder` is kept for as long as it runs.
  init(on path: String, of folder: TemporaryFolder? = nil) throws {
    self.folder = try folder ?? TemporaryFolder()
    let output = Pipe()
    process.executableURL = Installed.fairlead
    process.arguments = [
      "serve", "--config", path, "--xds-address", "127.0.0.1:0", "--http-address",
      "127.0.0.1:0",
    ]
    process.standardError = output
    try process.run()
    log = LogLines(of: output.fileHandleForReading)
    let line = try log.next(containing: "listening xds=")
    let found = try #require(line.firstMatch(of: /listening xds=(\S+) http=(\S+)/))
    (xds, http) = (String(found.1), String(found.2))
    _ = try page("/ready", retrying: true)
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  /// The next log line that says so; waiting longer than anything may take is a failure.
  func logLine(containing text: String) throws -> String { try log.next(containing: text) }

  /// SIGTERM, and the status it ended with.
  func stop() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationStatus
  }

  func page(_ path: String, retrying: Bool = false) throws -> String {
    let again = retrying ? ["--retry", "20", "--retry-all-errors", "--retry-delay", "1"] : []
    let run = try Run(
      URL(filePath: "/usr/bin/curl"),
      ["-sS", "--fail", "--max-time", "20"] + again + ["http://\(http)\(path)"])
    #expect(run.status == 0, "\(path): \(run.complaints)")
    return run.output
  }

  /// Every resource the gateway is sent, as gRPC's own client sees it.
  func resources() throws -> String { try ads("dump") }

  func ads(_ what: String) throws -> String {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/ads.py").path
    let run = try Run(Installed.python, [script, what, xds, Self.gateway, Self.metadata])
    #expect(run.status == 0, "\(run.complaints)")
    return run.output
  }
}

/// The lines of a pipe, one after the other.
private final class LogLines {
  private let handle: FileHandle
  private var rest = ""

  init(of handle: FileHandle) { self.handle = handle }

  func next(containing text: String) throws -> String {
    var seen: [Substring] = []
    while true {
      while let end = rest.firstIndex(of: "\n") {
        let line = rest[..<end]
        rest = String(rest[rest.index(after: end)...])
        if line.contains(text) { return String(line) }
        seen.append(line)
      }
      var wanted = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
      let bytes = poll(&wanted, 1, 20_000) > 0 ? handle.availableData : Data()
      try #require(!bytes.isEmpty, "no line says \(text); lines: \(seen.joined(separator: "\n"))")
      rest += String(decoding: bytes, as: UTF8.self)
    }
  }
}
