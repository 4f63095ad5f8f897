import Flags

/// `fairlead version`.
enum VersionCommand {
  /// What the releases are called; the first that others run will be 1.0.0.
  static let number = "0.1.0"

  static let command = Command<Void>(
    "version", "Prints the version", synopsis: "", examples: [""], flags: [])

  static func run(_ words: [String]) -> ExitStatus {
    fairlead.run(command, words, defaults: ()) { _ in
      print("\(program) \(number)")
      return .success
    }
  }
}
