import Diagnostics
import Flags

/// What its users type.
let program = "fairlead"

/// Runs the command the words name.
func run(_ words: [String]) -> ExitStatus {
  guard let first = words.first else {
    Terminal.complain(overview)
    return .usage
  }
  switch first {
  case "--help", "-h", "help":
    // `fairlead help serve` is `fairlead serve --help`.
    if let topic = words.dropFirst().first { return run([topic, "--help"]) }
    print(overview, terminator: "")
    return .success
  case "--version":
    return Subcommand.version.run(Array(words.dropFirst()))
  case let word:
    if let subcommand = Subcommand(rawValue: word) {
      return subcommand.run(Array(words.dropFirst()))
    }
    let offer = nearest(to: word, among: Subcommand.allCases.map(\.rawValue))
    Terminal.complain(
      "\(program): there is no command \(word)"
        + (offer.map { "; did you mean \($0)?" } ?? "") + "\n\n\(overview)")
    return .usage
  }
}

/// Reads a command's words and carries it out; help and misuse are answered here for all of them.
func run<Options>(
  _ command: Command<Options>, _ words: [String], defaults: Options,
  carryingOut body: (Options) throws(Misuse) -> ExitStatus
) -> ExitStatus {
  do throws(Misuse) {
    switch try command.reading(words, into: defaults) {
    case .help:
      print(command.help(program: program), terminator: "")
      return .success
    case .run(let options):
      return try body(options)
    }
  } catch {
    Terminal.complain(
      "\(program) \(error)\n`\(program) \(command.name) --help` shows what can be typed.\n")
    return .usage
  }
}

private var overview: String {
  """
  Fairlead, an Istio control plane: Istio, Gateway API and Kubernetes resources in, Envoy
  configuration out, over xDS.

    \(program) COMMAND [flags]

  \(helpTable(Subcommand.allCases.map { ($0.rawValue, $0.summary) }))
  `\(program) COMMAND --help` tells more.

  """
}
