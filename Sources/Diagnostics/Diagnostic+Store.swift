extension Diagnostic {
  /// Two definitions of one object; the first by file and line counts.
  package static func duplicateObject(_ object: ObjectName, at place: Place, first: Place) -> Self {
    Diagnostic(
      severity: .error, place: place, object: object,
      problem: "the object is defined twice",
      evidence: "The first definition is at \(first)",
      effect: "The first definition is served and this one is not")
  }
}
