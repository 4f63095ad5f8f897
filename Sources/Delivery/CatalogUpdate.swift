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
  /// Types of which nothing was told yet: what there is of them comes with the next updates.
  package let upcoming: Set<ResourceType>

  package init(
    push: Push, changes: [ResourceType: Changes], upcoming: Set<ResourceType> = []
  ) {
    self.push = push
    self.changes = changes
    self.upcoming = upcoming
  }
}
