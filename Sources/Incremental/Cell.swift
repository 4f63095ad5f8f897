/// One value in the graph, whatever its type: its edges in both directions, and when it last
/// changed. Subclasses hold the value.
class Cell {
  /// What the last computation read, in order. Empty for inputs.
  private final var dependencies = EdgeList()
  /// Whose last computation read this, in no order.
  private final var dependents = EdgeList()
  /// Dependencies that were marked since this value was last known to be right; empty when it is.
  final var suspects: [Cell] = []
  final var changedAt: UInt64
  /// The revision at which the value was last computed or found right.
  final var verifiedAt: UInt64
  final var readStamp: UInt64 = 0
  /// Nil where nobody outside the graph wants to hear of changes.
  final var notedAt: UInt64?
  /// Someone outside the graph asks for it now and then: it is remembered, and right when asked.
  final var isKept = false

  init(at revision: UInt64) {
    changedAt = revision
    verifiedAt = revision
  }

  final var isObserved: Bool { notedAt != nil }
  final var hasDependents: Bool { !dependents.isEmpty }

  /// Makes the value right. Nothing to do for inputs.
  final func refresh(in graph: Graph) {
    if !suspects.isEmpty { ask(suspects, in: graph) }
  }

  private final func ask(_ marked: [Cell], in graph: Graph) {
    var changed: [Cell] = []
    for suspect in marked {
      suspect.refresh(in: graph)
      if suspect.changedAt > verifiedAt { changed.append(suspect) }
    }
    suspects = []
    if !changed.isEmpty { recompute(changed: changed) }
    verifiedAt = graph.revision
  }

  /// Computes the value again; `changed` are the dependencies that came out different.
  func recompute(changed: [Cell]) {}
  /// Tells the owner that an observed value has changed.
  func noteChange() {}
  /// False for inputs that hold something.
  var isForgettable: Bool { true }
  /// Takes the cell out of its table.
  func forget() {}
  /// Whose value this is, for people.
  var label: String { "" }

  // MARK: Edges

  final func visitDependents(_ body: (Cell) -> Void) {
    dependents.visit(body)
  }

  final func visitDependencies(_ body: (Cell) -> Void) {
    dependencies.visit(body)
  }

  /// Puts `next` in the place of what the last computation read.
  final func depend(on next: some RandomAccessCollection<Cell>, in graph: Graph) {
    var kept = 0
    for cell in next.prefix(dependencies.count) {
      guard cell === dependencies[kept].cell else { break }
      kept += 1
    }
    let dropped = (kept..<dependencies.count).map { dependencies[$0].cell }
    while dependencies.count > kept { removeLastDependency() }
    dependencies.reserveCapacity(next.count)
    for cell in next.dropFirst(kept) {
      cell.dependents.append(Edge(cell: self, position: dependencies.count))
      dependencies.append(Edge(cell: cell, position: cell.dependents.count - 1))
    }
    for cell in dropped where !cell.hasDependents { graph.orphaned(cell) }
  }

  private final func removeLastDependency() {
    let edge = dependencies.removeLast()
    let last = edge.cell.dependents.removeLast()
    guard edge.position < edge.cell.dependents.count else { return }
    edge.cell.dependents[edge.position] = last
    last.cell.dependencies[last.position].position = edge.position
  }
}

/// A cell that its table finds by a key.
class KeyedCell<Key: Hashable>: Cell {
  final let key: Key

  init(_ key: Key, at revision: UInt64) {
    self.key = key
    super.init(at: revision)
  }
}
