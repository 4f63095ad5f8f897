package import Diagnostics

/// What became of one document.
package struct Decoded: Sendable {
  package var outcome: Outcome
  /// Everything to say about it, errors and lesser things, in the order of the text.
  package var diagnostics: [Diagnostic]
  /// What could be read of an object that is refused: what others say of it is judged by this.
  package var refused: Resource?

  package init(outcome: Outcome, diagnostics: [Diagnostic] = [], refused: Resource? = nil) {
    self.outcome = outcome
    self.diagnostics = diagnostics
    self.refused = refused
  }

  package enum Outcome: Hashable, Sendable {
    /// May come with warnings.
    case accepted(Resource)
    /// Wrong in a way that istiod's validation refuses; the diagnostics have the errors.
    case refused(ObjectName)
    /// A kind that is known and not served yet.
    case unserved(ObjectName, apiVersion: String)
    /// Not an object, or one of a kind that means nothing here.
    case ignored
  }
}
