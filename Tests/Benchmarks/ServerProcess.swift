import Foundation

/// Fairlead as a process of its own, so that its memory and processor time are its own.
final class ServerProcess {
  let port: Int
  let pagesPort: Int
  private let process = Process()
  private let log: FileHandle

  /// Starts it on a folder: the `fairlead` named, else as below.
  convenience init(serving folder: URL, binary: String? = nil, flags: [String] = []) throws {
    try self.init(["--config", folder.path] + flags, binary: binary)
  }

  /// Starts the `fairlead` beside this program, or this program where there is none, with the source
  /// as words of its command line, and waits until it listens.
  init(_ source: [String], binary: String? = nil) throws {
    let pipe = Pipe()
    let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let beside = own.deletingLastPathComponent().appending(path: "fairlead")
    let fairlead = binary.map { URL(filePath: $0) } ?? beside
    if FileManager.default.isExecutableFile(atPath: fairlead.path) {
      process.executableURL = fairlead
      process.arguments =
        ["serve"] + source
        + ["--xds-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0"]
    } else {
      process.executableURL = own
      process.arguments = ["serve"] + source
    }
    process.standardError = pipe
    try process.run()
    log = pipe.fileHandleForReading
    var text = ""
    while !text.contains("listening xds="), let more = try log.read(upToCount: 1), !more.isEmpty {
      text += String(decoding: more, as: UTF8.self)
    }
    while !text.hasSuffix("\n"), let more = try log.read(upToCount: 1), !more.isEmpty {
      text += String(decoding: more, as: UTF8.self)
    }
    func number(after word: String) -> Int {
      guard let range = text.range(of: word) else { return 0 }
      let rest = text[range.upperBound...].drop { $0 != ":" }.dropFirst()
      return Int(rest.prefix { $0.isNumber }) ?? 0
    }
    port = number(after: "xds=")
    pagesPort = number(after: "http=")
    log.readabilityHandler = { _ = $0.availableData }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  /// Resident memory in KiB.
  var residentKiB: Int { memory("VmRSS:") }

  /// The most resident memory, in KiB, since ``forgetPeak()`` if that was called.
  var peakKiB: Int { memory("VmHWM:") }

  func forgetPeak() {
    do {
      try "5".write(
        toFile: "/proc/\(process.processIdentifier)/clear_refs", atomically: false, encoding: .utf8)
    } catch {
      preconditionFailure("a process may forget its child's peak: \(error)")
    }
  }

  private func memory(_ field: String) -> Int {
    let status = try? String(
      contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix(field) }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }

  /// Processor time in the kernel so far, in milliseconds, by the clock's ticks of 10: files read,
  /// sockets written.
  var systemMilliseconds: Double {
    let text =
      (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8))
      ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 12 ? (Double(fields[12]) ?? 0) * 10 : 0
  }

  /// Processor time used so far, user and system, in milliseconds.
  var processorMilliseconds: Double { processorMillisecondsByThread.values.reduce(0, +) }

  /// The same by thread, named as it is and by its number.
  var processorMillisecondsByThread: [String: Double] {
    let tasks = "/proc/\(process.processIdentifier)/task"
    func text(_ path: String) -> String {
      (try? String(contentsOfFile: "\(tasks)/\(path)", encoding: .utf8)) ?? ""
    }
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
    return threads.reduce(into: [:]) { times, thread in
      let name = text("\(thread)/comm").prefix { $0 != "\n" }
      let nanoseconds = text("\(thread)/schedstat").split(separator: " ").first.flatMap {
        Double($0)
      }
      times["\(name) \(thread)"] = (nanoseconds ?? 0) / 1e6
    }
  }

  /// Waits until the server has nothing to do, as the first analysis of what it has read.
  func rest(_ loop: ClientLoop) throws {
    var before = -1000.0
    for _ in 0..<40 {
      let now = processorMilliseconds
      guard now - before > 5 else { return }
      before = now
      let start = ContinuousClock.now
      try loop.run { ContinuousClock.now - start > .milliseconds(1200) }
    }
  }

  /// The sum of the values that a counter has, labels aside but those that contain `leftOut`.
  func counter(_ name: String, without leftOut: String? = nil) -> Int {
    let curl = Process()
    let pipe = Pipe()
    curl.executableURL = URL(filePath: "/usr/bin/env")
    curl.arguments = ["curl", "-s", "http://127.0.0.1:\(pagesPort)/metrics"]
    curl.standardOutput = pipe
    guard (try? curl.run()) != nil,
      let data = try? pipe.fileHandleForReading.readToEnd()
    else { return 0 }
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
      .filter { line in line.hasPrefix(name) && leftOut.map { !line.contains($0) } ?? true }
      .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
  }
}
