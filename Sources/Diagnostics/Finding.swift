/// Something wrong with a field, before it is known whose field it is: the sentence of a
/// ``Diagnostic`` without the place.
package struct Finding: Hashable, Sendable {
  package let severity: Diagnostic.Severity
  package let code: Code?
  package let problem: String
  package let evidence: String?
  /// Nil for what every refused object has in common.
  package let effect: String?

  package init(
    _ severity: Diagnostic.Severity, code: Code? = nil, _ problem: String,
    evidence: String? = nil, effect: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.problem = problem
    self.evidence = evidence
    self.effect = effect
  }

  /// An error that makes the object useless.
  static func refusal(_ problem: String, evidence: String? = nil) -> Finding {
    Finding(.error, code: .schemaValidationError, problem, evidence: evidence)
  }

  /// Something that works otherwise than it reads.
  static func warning(_ problem: String, evidence: String? = nil, effect: String? = nil) -> Finding
  {
    Finding(.warning, code: .schemaWarning, problem, evidence: evidence, effect: effect)
  }

  /// The same where istioctl has no code for it.
  package var withoutCode: Finding {
    Finding(severity, problem, evidence: evidence, effect: effect)
  }

  /// The finding as a message about `field` of `object`.
  package func about(_ field: String, of object: ObjectName?, at place: Place) -> Diagnostic {
    Diagnostic(
      severity: severity, code: code, place: place, object: object, field: field,
      problem: problem, evidence: evidence,
      effect: effect
        ?? (severity == .error
          ? "It is not used; its last good version, if it had one, keeps serving" : nil))
  }
}

extension Code {
  package static let schemaWarning = Code("IST0133")
}
