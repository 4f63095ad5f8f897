/// One value in the graph, whatever its type: its edges in both directions, and when it last
/// changed. Subclasses hold the value.
class Cell {
  final let graph: Graph
  /// What the last computation read. Empty for inputs.
  final var dependencies: [Cell] = []
  final var dependents = CellSet()
  /// Dependencies that were marked since this value was last known to be right; empty when it is.
  final var suspects: [Cell] = []
  final var changedAt: UInt64
  /// The revision at which the value was last computed or found right.
  final var verifiedAt: UInt64
  final var readStamp: UInt64 = 0
  /// Someone outside the graph wants to hear of changes.
  final var isObserved = false
  /// Someone outside the graph asks for it now and then: it is remembered, and right when asked.
  final var isKept = false
  /// The change that those outside were last told of.
  final var notedAt: UInt64 = 0
  init(_ graph: Graph) {
    self.graph = graph
    changedAt = graph.revision
    verifiedAt = graph.revision
  }

  /// Makes the value right. Nothing to do for inputs.
  final func refresh() {
    guard !suspects.isEmpty else { return }
    let marked = suspects
    var changed: [Cell] = []
    for suspect in marked {
      suspect.refresh()
      if suspect.changedAt > verifiedAt { changed.append(suspect) }
    }
    suspects.removeAll(keepingCapacity: false)
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

  final func depend(on next: [Cell]) {
    if next.count == dependencies.count, zip(next, dependencies).allSatisfy({ $0 === $1 }) {
      return
    }
    let stamp = graph.newStamp()
    for cell in next {
      cell.readStamp = stamp
      cell.dependents.insert(self)
    }
    let previous = dependencies
    dependencies = next
    for cell in previous where cell.readStamp != stamp { cell.removeDependent(self) }
  }

  final func removeDependent(_ cell: Cell) {
    dependents.remove(cell)
    if dependents.isEmpty { graph.orphaned(self) }
  }
}

/// A set of cells by identity: an array while small, with an index beside it when large.
struct CellSet {
  private var cells: [Cell] = []
  private var positions: [ObjectIdentifier: Int] = [:]
  private static let smallest = 16

  var isEmpty: Bool { cells.isEmpty }
  var count: Int { cells.count }

  func visit(_ body: (Cell) -> Void) { cells.forEach(body) }

  private func position(of cell: Cell) -> Int? {
    positions.isEmpty
      ? cells.firstIndex { $0 === cell } : positions[ObjectIdentifier(cell)]
  }

  mutating func insert(_ cell: Cell) {
    guard position(of: cell) == nil else { return }
    cells.append(cell)
    if !positions.isEmpty {
      positions[ObjectIdentifier(cell)] = cells.count - 1
    } else if cells.count > Self.smallest {
      for (position, cell) in cells.enumerated() { positions[ObjectIdentifier(cell)] = position }
    }
  }

  mutating func remove(_ cell: Cell) {
    guard let position = position(of: cell) else { return }
    let last = cells.removeLast()
    if !positions.isEmpty { positions[ObjectIdentifier(cell)] = nil }
    guard last !== cell else { return }
    cells[position] = last
    if !positions.isEmpty { positions[ObjectIdentifier(last)] = position }
  }
}
