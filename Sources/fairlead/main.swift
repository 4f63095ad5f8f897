import Flags
private import Glibc

/// How a command ends; scripts rely on the numbers.
enum ExitStatus: CInt {
  case success = 0
  /// The command did its work and the answer is bad news, or the world stood in its way.
  case failure = 1
  /// The command line says nothing that can be done.
  case usage = 2
}

/// The first word of the command line.
enum Subcommand: String, CaseIterable {
  case serve, check, render, bootstrap, version

  var summary: String {
    switch self {
    case .serve: ServeCommand.command.summary
    case .check: CheckCommand.command.summary
    case .render: RenderCommand.command.summary
    case .bootstrap: BootstrapCommand.command.summary
    case .version: VersionCommand.command.summary
    }
  }

  func run(_ words: [String]) -> ExitStatus {
    switch self {
    case .serve: ServeCommand.run(words)
    case .check: CheckCommand.run(words)
    case .render: RenderCommand.run(words)
    case .bootstrap: BootstrapCommand.run(words)
    case .version: VersionCommand.run(words)
    }
  }
}

let status = run(Array(CommandLine.arguments.dropFirst()))
// Not `exit`, whose handlers clear OpenSSL away under a thread that still closes its connections:
// nobody waits for the one that follows a cluster.
fflush(nil)
_exit(status.rawValue)
