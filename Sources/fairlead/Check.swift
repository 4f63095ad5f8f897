import Flags

/// What `fairlead check` was asked to look at.
struct CheckOptions: Sendable, Equatable {
  enum Format: String, Sendable, FlagChoice {
    case text, json
  }

  var paths: [String] = []
  var format = Format.text
}

/// `fairlead check`: everything wrong or without effect in files, before anything is served.
enum CheckCommand {
  static let command = Command<CheckOptions>(
    "check", "Reads files and says what is wrong in them: where, what, and what traffic does",
    synopsis: "PATH… [flags]",
    examples: ["deploy/examples/bookinfo", "-o json mesh/"],
    flags: [
      Flag(
        "-o", "text|json",
        "text for people (the default), json for programs: what istioctl's\n"
          + "analyze prints",
        sets: \.format)
    ],
    operands: .init(
      "PATH…", "files, and directories that are read recursively", addTo: \.paths))

  static func run(_ words: [String]) -> ExitStatus {
    fairlead.run(command, words, defaults: CheckOptions()) { options throws(Misuse) in
      guard !options.paths.isEmpty else { throw Misuse("check needs something to read: PATH…") }
      Terminal.complain("check is not part of this build\n")
      return .failure
    }
  }
}
