/// What is said about text that is not objects. No line of the text is repeated: it may be a key.
extension Diagnostic {
  package static func notYAML(_ problem: SyntaxProblem, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place, problem: problem.sentence, effect: documentKeepsServing)
  }

  package static func notJSON(_ problem: String, at place: Place) -> Self {
    Diagnostic(severity: .error, place: place, problem: "not JSON: \(problem)")
  }

  package static func duplicateKey(_ key: String, at place: Place, first: Place) -> Self {
    Diagnostic(
      severity: .error, place: place,
      problem: "the key \"\(key)\" stands twice in one mapping",
      evidence: "It stands first at \(first)", effect: documentKeepsServing)
  }

  package static func nestedTooDeep(_ limit: Int, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place,
      problem: "mappings and lists are nested more than \(limit) deep",
      effect: documentKeepsServing)
  }

  package static func aliasesTooLarge(_ limit: Int, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place,
      problem: "the aliases of this document stand for more than \(limit) values",
      evidence: "Aliases of aliases multiply; write the values out, or use fewer",
      effect: documentKeepsServing)
  }

  package static func scalarTooLarge(_ size: Int, limit: Int, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place,
      problem: "one value has \(size) bytes; \(limit) are read", effect: documentKeepsServing)
  }

  package static func tooManyDocuments(_ limit: Int, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place, problem: "the file holds more than \(limit) objects",
      evidence: "Split it into several files",
      effect: "The objects from here on are not read; those read from it before keep serving")
  }

  package static func tooManyBroken(_ limit: Int, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place,
      problem: "\(limit) documents of the file cannot be read",
      effect: "From here on it is not read; what was last read of it keeps serving")
  }

  package static func notAnObject(_ found: String, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place,
      problem: "expected an object with apiVersion, kind and metadata, not \(found)",
      effect: documentKeepsServing)
  }

  package static func itemsNotAList(_ found: String, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place, field: "items",
      problem: "expected the list of objects that the kind promises, not \(found)",
      effect: documentKeepsServing)
  }

  package static func fileTooLarge(_ file: String, size: Int, limit: Int) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: file),
      problem: "the file has \(size) bytes; files of up to \(limit) are read",
      evidence: "Split it into several files", effect: fileKeepsServing)
  }

  package static func notText(_ what: String, offset: Int, at place: Place) -> Self {
    Diagnostic(
      severity: .error, place: place,
      problem: "the file is not text: \(what) at byte offset \(offset)",
      evidence: "Configuration is read as UTF-8", effect: fileKeepsServing)
  }

  package static func otherEncoding(_ encoding: String, file: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: file),
      problem: "the file is \(encoding): save it as UTF-8", effect: fileKeepsServing)
  }

  package static func moreProblems(_ count: Int, file: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: file),
      problem: "\(count) more problems of this file are not listed")
  }

  private static let documentKeepsServing =
    "This document is left out; what was last read of it keeps serving, and the file's other "
    + "documents count"
  private static let fileKeepsServing = "What was last read of the file keeps serving"
}
