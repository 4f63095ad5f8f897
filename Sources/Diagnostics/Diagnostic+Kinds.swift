/// Documents as a whole: what kind of object they are.
extension Diagnostic {
  package static func notAnObject(found: String, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place,
      problem: "expected an object with apiVersion, kind and metadata, found \(found)",
      effect: "It is ignored")
  }

  package static func withoutField(_ field: String, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place, field: field,
      problem: "it must be there, and a string that is not empty",
      effect: "It is ignored")
  }

  package static func servedLater(_ object: ObjectName, apiVersion: String, at place: Place) -> Self
  {
    Diagnostic(
      severity: .info, place: place, object: object,
      problem: "objects of kind \(object.kind) (\(apiVersion)) are not served yet",
      effect: "It has no effect")
  }

  package static func moreAbout(_ object: ObjectName?, count: Int, at place: Place) -> Self {
    Diagnostic(
      severity: .warning, place: place, object: object,
      problem: "\(count) more things are wrong and not listed")
  }

  package static func unknownVersion(
    _ object: ObjectName, apiVersion: String, known: [String], at place: Place
  ) -> Self {
    Diagnostic(
      severity: .warning, place: place, object: object, field: "apiVersion",
      problem: "\"\(apiVersion)\" is no version of \(object.kind)",
      evidence: "Versions that are read: \(known.joined(separator: ", "))",
      effect: "It is ignored")
  }

  package static func unknownKind(
    _ object: ObjectName, apiVersion: String, nearest: String?, at place: Place
  ) -> Self {
    Diagnostic(
      severity: nearest == nil ? .info : .warning, place: place, object: object, field: "kind",
      problem: "objects of kind \(object.kind) (\(apiVersion)) are not read",
      evidence: nearest.map { "The nearest kind that is read is \($0)" },
      effect: "It is ignored")
  }
}
