extension Diagnostic {
  /// Two definitions of one object; the first by file and line counts.
  package static func duplicateObject(_ object: ObjectName, at place: Place, first: Place) -> Self {
    Diagnostic(
      severity: .error, place: place, object: object,
      problem: "the object is defined twice",
      evidence: "The first definition is at \(first)",
      effect: "The first definition is served and this one is not")
  }

  /// The end of a list of findings in the log.
  package static func moreFindings(_ count: Int) -> Self {
    Diagnostic(
      severity: .warning, place: Place(file: "/debug/analysis?show=all"),
      problem: "\(count) more findings about the mesh are listed there")
  }
}
