import ControlPlane
import Diagnostics
import Documents
import Flags

/// What `fairlead check` was asked to look at.
struct CheckOptions: Sendable, Equatable {
  enum Format: String, Sendable, FlagChoice {
    case text, json
  }

  var paths: [String] = []
  var meshConfigFile: String?
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
        "--mesh-config", "FILE",
        "Istio's MeshConfig; without it nothing is said of what only it can tell",
        sets: \.meshConfigFile),
      Flag(
        "-o", "text|json",
        "text for people (the default), json for programs, in the fields of\n"
          + "istioctl's analyze",
        sets: \.format),
    ],
    operands: .init(
      "PATH…", "files, and directories that are read recursively", addTo: \.paths))

  static func run(_ words: [String]) -> ExitStatus {
    fairlead.run(command, words, defaults: CheckOptions()) { options throws(Misuse) in
      guard !options.paths.isEmpty else { throw Misuse("check needs something to read: PATH…") }
      let findings = findings(in: options.paths, meshConfigFile: options.meshConfigFile)
      switch options.format {
      case .text: for finding in findings { print(finding.text(Terminal.style)) }
      case .json: print(findings.json.json(.indented))
      }
      return findings.contains { $0.severity == .error } ? .failure : .success
    }
  }
}
