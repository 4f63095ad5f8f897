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

  /// The compile run it comes from.
  package let push: Push
  /// A name in both lists of a type is removed.
  package let changes: [ResourceType: Changes]

  package init(push: Push, changes: [ResourceType: Changes]) {
    self.push = push
    self.changes = changes
  }
}
