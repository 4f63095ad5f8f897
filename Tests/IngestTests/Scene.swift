import Documents
import Foundation
import Linux
import Testing

@testable import Ingest

/// A temporary directory, and a source that follows `conf` below it. Time is what the test says it is.
final class Scene {
  let folder: URL
  let roots: [String]
  let source: DirectorySource
  private(set) var now = ContinuousClock.Instant.now
  /// What has been told so far, by path below the folder.
  private(set) var told: [String: String] = [:]
  private(set) var problems: [String] = []

  init(roots: [String] = ["conf"], _ prepare: (URL) throws -> Void = { _ in }) throws {
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "ingest-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if roots == ["conf"] { try folder.makeDirectory("conf") }
    try prepare(folder)
    self.roots = roots.map { [folder] in folder.appending(path: $0).path }
    source = try DirectorySource(self.roots)
    _ = apply(source.initial())
  }

  deinit {
    // What is left is in the system's temporary directory, and harmless there.
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ path: String) -> String { folder.appending(path: path).path }

  /// The updates that come without waiting, as `+path` and `-path`.
  func updates() throws -> [[String]] {
    try source.changes(now: now).map { [apply($0)] } ?? []
  }

  /// The same, where some are to come. The kernel tells of a file's end once nobody has it open, and for
  /// a moment a process that another test forks may: that is waited for.
  func awaitedUpdates() throws -> [[String]] {
    let updates = try updates()
    guard updates.isEmpty else { return updates }
    var event = pollfd(fd: source.descriptor.number, events: Int16(POLLIN), revents: 0)
    return poll(&event, 1, 5000) > 0 ? try self.updates() : []
  }

  /// All updates, with whatever time has to pass.
  func updatesUntilQuiet() throws -> [[String]] {
    var updates = try updates()
    while let deadline = source.deadline {
      now = max(now, deadline)
      updates += try self.updates()
    }
    return updates
  }

  /// Whether what was told comes to be that. The kernel reports a directory's end once nobody has it
  /// open, and for a moment a process that another test forks may: that event is waited for.
  func comesToTell(_ wanted: [String: String]) throws -> Bool {
    while told != wanted {
      var event = pollfd(fd: source.descriptor.number, events: Int16(POLLIN), revents: 0)
      guard poll(&event, 1, 5000) > 0 else { return false }
      _ = try updatesUntilQuiet()
    }
    return true
  }

  func pass(_ duration: Duration) { now += duration }

  /// What a source that starts now would tell.
  func fresh() -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: DirectorySource.contents(of: roots).files.map {
        (short($0.path), Self.summary($0))
      })
  }

  private func apply(_ batch: Batch) -> [String] {
    problems = batch.problems.map { "\(short($0.place.file)): \($0.problem)" }
    for path in batch.removed { told[short(path)] = nil }
    for file in batch.files { told[short(file.path)] = Self.summary(file) }
    return (batch.files.map { "+" + short($0.path) } + batch.removed.map { "-" + short($0) })
      .sorted()
  }

  private func short(_ path: String) -> String {
    path.hasPrefix(folder.path + "/") ? String(path.dropFirst(folder.path.count + 1)) : path
  }

  private static func summary(_ file: ParsedFile) -> String {
    let objects = file.documents.map { $0.root.json() }.joined(separator: " ")
    return file.extent == .whole ? objects : "\(objects) \(file.diagnostics.map(\.problem))"
  }
}

extension URL {
  func makeDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(
      at: appending(path: path), withIntermediateDirectories: true)
  }

  /// Writes as `cp` and `>` do: opens what is there, empties it, writes, closes.
  func write(_ path: String, _ text: String) throws {
    try Data(text.utf8).write(to: appending(path: path))
  }

  /// Writes a file beside it and moves it into place.
  func replace(_ path: String, _ text: String) throws {
    let url = appending(path: path)
    let beside = url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).tmp")
    try Data(text.utf8).write(to: beside)
    try move(beside.path, url.path)
  }

  func move(_ from: String, _ to: String) throws {
    let (source, target) = (absolute(from), absolute(to))
    guard rename(source, target) == 0 else { throw POSIXError(.init(rawValue: errno)!) }
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: appending(path: path))
  }

  func link(_ path: String, to target: String) throws {
    guard symlink(target, appending(path: path).path) == 0 else {
      throw POSIXError(.init(rawValue: errno)!)
    }
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : appending(path: path).path
  }
}
