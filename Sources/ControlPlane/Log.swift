internal import Documents
internal import Linux

/// Lines for the operator on standard error, one an event.
package struct Log: Sendable {
  private let level: ServeOptions.LogLevel
  private let format: ServeOptions.LogFormat
  private let clock: @Sendable () -> String

  package init(level: ServeOptions.LogLevel, format: ServeOptions.LogFormat) {
    self.level = level
    self.format = format
    clock = { WallClock.timestamp }
  }

  package func debug(_ message: @autoclosure () -> String) { write(.debug, message()) }
  package func info(_ message: @autoclosure () -> String) { write(.info, message()) }
  package func warning(_ message: @autoclosure () -> String) { write(.warning, message()) }
  package func error(_ message: @autoclosure () -> String) { write(.error, message()) }

  private func write(_ level: ServeOptions.LogLevel, _ message: @autoclosure () -> String) {
    guard level.rank >= self.level.rank else { return }
    let text = message()
    switch format {
    case .text: StandardError.write("\(clock()) \(level.rawValue) \(text)\n")
    case .json:
      let line = Node(
        .mapping([
          .init(key: "time", value: Node(.string(clock()))),
          .init(key: "level", value: Node(.string(level.rawValue))),
          .init(key: "message", value: Node(.string(text))),
        ]))
      StandardError.write(line.json() + "\n")
    }
  }
}

extension ServeOptions.LogLevel {
  fileprivate var rank: Int {
    switch self {
    case .debug: 0
    case .info: 1
    case .warning: 2
    case .error: 3
    }
  }
}
