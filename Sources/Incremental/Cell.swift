/// One value in the graph, whatever its type: what was computed from it, and when it last changed.
/// Subclasses hold the value.
class Cell {
  /// Whose last computation read this, in no order.
  fileprivate final var dependents = EdgeList<ComputedCell>()
  final var changedAt: UInt64
  final var readStamp: UInt64 = 0

  init(at revision: UInt64) { changedAt = revision }

  final var hasDependents: Bool { !dependents.isEmpty }

  /// Makes the value right. Nothing to do for inputs.
  func refresh(in graph: Graph) {}
  /// False for what is remembered though nothing depends on it: inputs that hold something, values that
  /// are asked for from outside.
  var isForgettable: Bool { true }
  /// Takes the cell out of its table, and its edges with it.
  func forget(in graph: Graph) {}
  /// Whose value this is, for people.
  var label: String { "" }

  final func visitDependents(_ body: (ComputedCell) -> Void) { dependents.visit(body) }
}

/// A cell whose value is computed from others.
class ComputedCell: Cell {
  /// What the last computation read, in order.
  private final var dependencies = EdgeList<Cell>()
  /// Dependencies that were marked since this value was last known to be right; empty when it is.
  final var suspects: [Cell] = []
  /// The revision at which the value was last computed or found right.
  final var verifiedAt: UInt64
  /// Nil where nobody outside the graph wants to hear of changes.
  final var notedAt: UInt64?
  /// Someone outside the graph asks for it now and then: it is remembered, and right when asked.
  final var isKept = false

  override init(at revision: UInt64) {
    verifiedAt = revision
    super.init(at: revision)
  }

  final var isObserved: Bool { notedAt != nil }
  final override var isForgettable: Bool { !isObserved && !isKept }

  final override func refresh(in graph: Graph) {
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
  /// Takes the cell out of its table.
  func leaveTable() {}

  final override func forget(in graph: Graph) {
    suspects = []
    leaveTable()
    depend(on: EmptyCollection(), in: graph)
  }

  // MARK: Edges

  final func visitDependencies(_ body: (Cell) -> Void) { dependencies.visit(body) }

  /// Puts `next` in the place of what the last computation read.
  final func depend(on next: some RandomAccessCollection<Cell>, in graph: Graph) {
    var kept = 0
    for cell in next.prefix(dependencies.count) {
      guard cell === dependencies[kept].cell else { break }
      kept += 1
    }
    if kept < dependencies.count { drop(from: kept, in: graph) }
    dependencies.reserveCapacity(next.count)
    for cell in next.dropFirst(kept) {
      cell.dependents.append(Edge(cell: self, position: dependencies.count))
      dependencies.append(Edge(cell: cell, position: cell.dependents.count - 1))
    }
  }

  private final func drop(from kept: Int, in graph: Graph) {
    while dependencies.count > kept {
      let cell = removeLastDependency()
      if !cell.hasDependents { graph.orphaned(cell) }
    }
  }

  private final func removeLastDependency() -> Cell {
    let edge = dependencies.removeLast()
    let last = edge.cell.dependents.removeLast()
    if edge.position < edge.cell.dependents.count {
      edge.cell.dependents[edge.position] = last
      last.cell.dependencies[last.position].position = edge.position
    }
    return edge.cell
  }
}

/// A cell that its table finds by a key.
protocol KeyedCell: Cell {
  associatedtype Key: Hashable
  var key: Key { get }
}
