/// One value in the graph, whatever its type: what was computed from it, and when it last changed.
/// Subclasses hold the value. Others name a cell by its number, so that an edge takes a few bytes and
/// counts no reference.
class Cell {
  /// The revision at which the value last came out different.
  final var changedAt: UInt64 { didSet { hasNews = true } }
  /// Where the graph holds it.
  final let number: UInt32
  final var readStamp: UInt32 = 0
  /// Whose last computation read this, in no order.
  fileprivate final var dependents = EdgeList()
  /// The value has changed since somebody outside the graph was told.
  final var hasNews = false

  init(in graph: Graph) {
    changedAt = graph.revision
    number = graph.takeNumber()
    graph.hold(self)
  }

  final var hasDependents: Bool { !dependents.isEmpty }

  /// Makes the value right. Nothing to do for inputs.
  func refresh(in graph: Graph) {}
  /// What it depends on may be different; answers whether that is news.
  func mark(by suspect: UInt32, in graph: Graph) -> Bool { false }
  /// False for what is remembered though nothing depends on it: inputs that hold something, values that
  /// are asked for from outside.
  var isForgettable: Bool { true }
  /// Takes the cell out of its table, and its edges with it.
  func forget(in graph: Graph) {}
  /// Whose value this is, for people.
  var label: String { "" }

  fileprivate func dependency(at place: UInt32, standsAt position: UInt32, in graph: Graph) {}

  /// Calls `body` with the numbers of the cells that were computed from this one.
  final func visitDependents(in graph: Graph, _ body: (UInt32) -> Void) {
    let list = dependents
    for place in 0..<list.count { body(list.edge(at: place, in: graph.edges).cell) }
  }
}

/// A cell whose value is computed from others.
class ComputedCell: Cell {
  /// What the last computation read, in order.
  private final var dependencies = EdgeList()
  /// Someone outside the graph wants to hear of changes.
  final var isObserved = false
  /// Someone outside the graph asks for it now and then: it is remembered, and right when asked.
  final var isKept = false
  /// Its change was noted for them, and not taken yet.
  final var isNoted = false
  /// Dependencies that were marked since this value was last known to be right; empty when it is.
  final var suspects: [UInt32] = []
  /// The revision at which the value was last computed or found right.
  final var verifiedAt: UInt64

  override init(in graph: Graph) {
    verifiedAt = graph.revision
    super.init(in: graph)
  }

  final override var isForgettable: Bool { !isObserved && !isKept }

  final override func refresh(in graph: Graph) {
    if !suspects.isEmpty { ask(suspects, in: graph) }
  }

  private final func ask(_ marked: [UInt32], in graph: Graph) {
    var changed: [Cell] = []
    for number in marked {
      let suspect = graph.cell(number)
      suspect.refresh(in: graph)
      if suspect.changedAt > verifiedAt { changed.append(suspect) }
    }
    suspects = []
    if !changed.isEmpty { recompute(changed: changed) }
    verifiedAt = graph.revision
  }

  final override func mark(by suspect: UInt32, in graph: Graph) -> Bool {
    let isNews = suspects.isEmpty
    suspects.append(suspect)
    if isNews, isObserved { graph.marked(self) }
    return isNews
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
    depend(on: [], in: graph)
  }

  // MARK: Edges

  final func visitDependencies(in graph: Graph, _ body: (UInt32) -> Void) {
    for place in 0..<dependencies.count {
      body(dependencies.edge(at: place, in: graph.edges).cell)
    }
  }

  /// Puts the cells of these numbers in the place of what the last computation read.
  final func depend(on next: ArraySlice<UInt32>, in graph: Graph) {
    var kept = 0
    for number in next.prefix(dependencies.count) {
      guard number == dependencies.edge(at: kept, in: graph.edges).cell else { break }
      kept += 1
    }
    if kept < dependencies.count { drop(from: kept, in: graph) }
    dependencies.reserve(next.count, in: &graph.edges)
    for number in next.dropFirst(kept) {
      let cell = graph.cell(number)
      let position = UInt32(cell.dependents.count)
      cell.dependents.append(
        Edge(cell: self.number, position: UInt32(dependencies.count)), in: &graph.edges)
      dependencies.append(Edge(cell: number, position: position), in: &graph.edges)
    }
  }

  private final func drop(from kept: Int, in graph: Graph) {
    while dependencies.count > kept {
      let cell = removeLastDependency(in: graph)
      if !cell.hasDependents { graph.orphaned(cell) }
    }
  }

  private final func removeLastDependency(in graph: Graph) -> Cell {
    let edge = dependencies.removeLast(in: &graph.edges)
    let cell = graph.cell(edge.cell)
    let last = cell.dependents.removeLast(in: &graph.edges)
    if edge.position < cell.dependents.count {
      cell.dependents.replace(at: Int(edge.position), by: last, in: &graph.edges)
      graph.cell(last.cell).dependency(
        at: last.position, standsAt: edge.position, in: graph)
    }
    return cell
  }

  fileprivate final override func dependency(
    at place: UInt32, standsAt position: UInt32, in graph: Graph
  ) {
    let edge = dependencies.edge(at: Int(place), in: graph.edges)
    dependencies.replace(
      at: Int(place), by: Edge(cell: edge.cell, position: position), in: &graph.edges)
  }
}

/// A cell that its table finds by a key.
protocol KeyedCell: Cell {
  associatedtype Key: Hashable
  var key: Key { get }
  /// Whether that is its key.
  func isKeyed(_ other: Key) -> Bool
}
