/// What is said about paths that configuration is read from.
extension Diagnostic {
  package static func pathMissing(_ path: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: path), problem: "the path does not exist",
      effect: "What was last read from it keeps serving; it is read as soon as it is there")
  }

  package static func directoryUnreadable(_ path: String, reason: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: path),
      problem: "the directory cannot be read: \(reason)",
      effect: "What was last read from it keeps serving")
  }

  package static func fileUnreadable(_ path: String, reason: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: path), problem: "the file cannot be read: \(reason)",
      effect: "What was last read from it keeps serving")
  }

  package static func notFollowed(_ path: String, reason: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: path),
      problem: "changes cannot be followed: \(reason)",
      effect: "What was read keeps serving; later changes are seen only after a restart")
  }

  package static func tooManyPaths(_ limit: Int, at path: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: path),
      problem: "more than \(limit) files and directories are below the given paths",
      evidence: "Is the path too high up", effect: "What comes from here on is not read")
  }
}
