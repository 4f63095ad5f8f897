/// One thing a user should know about their configuration: where, what, what was looked at, and what
/// traffic does meanwhile.
///
/// Sentences are made in this module only (Diagnostic+Concern.swift, a static function each), so that
/// wording has one home and each states its effect.
package struct Diagnostic: Hashable, Sendable {
  package enum Severity: String, Sendable {
    case error = "Error"
    case warning = "Warning"
    case info = "Info"
  }

  package let severity: Severity
  /// istioctl's code where one exists.
  package let code: Code?
  package let place: Place
  /// The object it is about; nil for a file that could not be read as objects.
  package let object: ObjectName?
  /// The path to the field, as `http[0].route[1].destination.subset`; empty for the whole object.
  package let field: String
  package let problem: String
  package let evidence: String?
  package let effect: String?

  package init(
    severity: Severity, code: Code? = nil, place: Place, object: ObjectName? = nil,
    field: String = "", problem: String, evidence: String? = nil, effect: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.place = place
    self.object = object
    self.field = field
    self.problem = problem
    self.evidence = evidence
    self.effect = effect
  }

  /// The same wherever it stands.
  package var withoutPlace: Diagnostic {
    Diagnostic(
      severity: severity, code: code, place: Place(file: place.file), object: object, field: field,
      problem: problem, evidence: evidence, effect: effect)
  }

  /// The first line of the message, without the place: `VirtualService shop/cart http[0].timeout: …`.
  package var summary: String {
    let subject = [object.map { "\($0)" } ?? "", field].filter { !$0.isEmpty }.joined(
      separator: " ")
    return subject.isEmpty ? problem : "\(subject): \(problem)"
  }
}

/// istioctl's message codes (istio/istio pkg/config/analysis/msg/messages.yaml).
package struct Code: Hashable, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }

  package static let schemaValidationError = Code("IST0106")
  package static let referencedResourceNotFound = Code("IST0101")
}
