/// What changed in a catalog: the immutable value that the compile thread hands over.
package struct CatalogUpdate: Sendable {
  package struct Changes: Sendable {
    package var upserts: [Resource]
    package var removals: [String]

    package init(upserts: [Resource] = [], removals: [String] = []) {
      self.upserts = upserts
      self.removals = removals
    }
  }

  /// The compile run it comes from, counted by its maker.
  package let revision: UInt64
  /// What a log or a debug page says made it.
  package let cause: String
  /// A name in both lists of a type is removed.
  package let changes: [ResourceType: Changes]

  package init(revision: UInt64, cause: String, changes: [ResourceType: Changes]) {
    self.revision = revision
    self.cause = cause
    self.changes = changes
  }
}
