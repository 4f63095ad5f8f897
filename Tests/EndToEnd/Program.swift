import Foundation
import Testing

/// A program run to its end: its status and what it printed.
struct Run {
  let status: Int32
  let output: String
  let complaints: String

  /// Output and complaints are read to their end before the status is asked for, each on its own
  /// file, so that neither can fill a pipe that nobody reads.
  init(_ program: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "output")
    let complaints = folder.url.appending(path: "complaints")
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = Installed.root
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(creating: output)
    process.standardError = try FileHandle(creating: complaints)
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    self.output = try String(contentsOf: output, encoding: .utf8)
    self.complaints = try String(contentsOf: complaints, encoding: .utf8)
  }
}

/// What these tests run: the executable that was built beside them, and what `make setup` installed.
enum Installed {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let fairlead: URL = {
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let binary = tests.deletingLastPathComponent().appending(path: "fairlead")
    precondition(
      FileManager.default.isExecutableFile(atPath: binary.path),
      "`swift build` puts fairlead beside its tests, at \(binary.path)")
    return binary
  }()

  static let python = root.appending(path: ".venv/bin/python")

  static let envoy: URL = {
    let libraries = root.appending(path: ".venv/lib")
    let found = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
    let places = found.filter { $0.hasPrefix("python3") }.map {
      libraries.appending(path: "\($0)/site-packages/envoy/_bin/envoy")
    }
    guard let envoy = places.first(where: { FileManager.default.fileExists(atPath: $0.path) })
    else { preconditionFailure("`make setup` puts an Envoy into .venv") }
    return envoy
  }()
}

/// A folder of its own, removed with its owner.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "fairlead-\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    do { try FileManager.default.removeItem(at: url) } catch {
      Issue.record("removing \(url.path): \(error)")
    }
  }

  func write(_ text: String, as name: String) throws -> String {
    let file = url.appending(path: name)
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }
}

extension FileHandle {
  fileprivate convenience init(creating url: URL) throws {
    try Data().write(to: url)
    try self.init(forWritingTo: url)
  }
}
