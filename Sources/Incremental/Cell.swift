/// One value in the graph, whatever its type: what was computed from it, and when it last changed.
/// Subclasses hold the value. Others name a cell by its number, so that an edge takes a few bytes and
/// counts no reference; a large mesh has hundreds of thousands, so that each byte here is one in a
/// hundred of what the mesh takes.
class Cell {
  /// Where the graph holds it.
  final let number: UInt32
  /// The revision at which the value last came out different.
  final var changedAt: UInt32 { didSet { hasNews = true } }
  /// Whose last computation read this, in no order.
  fileprivate final var dependents = EdgeList()
  /// Which of the graph's tables it is of, and above that its flags.
  private final var tableAndFlags: UInt16

  /// So many tables there may be.
  static let mostTables = 1 << 12

  fileprivate enum Flag: UInt16 {
    case hasNews = 0x1000
    case isObserved = 0x2000
    case isKept = 0x4000
    case isNoted = 0x8000
  }

  init(of table: UInt16, in graph: Graph) {
    changedAt = graph.revision
    number = graph.nextNumber
    tableAndFlags = table
    graph.hold(self)
  }

  /// Which of the graph's tables it is of.
  final var table: Int { Int(tableAndFlags) & (Cell.mostTables - 1) }

  final var hasDependents: Bool { !dependents.isEmpty }

  fileprivate final subscript(flag: Flag) -> Bool {
    get { tableAndFlags & flag.rawValue != 0 }
    set {
      if newValue { tableAndFlags |= flag.rawValue } else { tableAndFlags &= ~flag.rawValue }
    }
  }

  /// The value has changed since somebody outside the graph was told.
  final var hasNews: Bool {
    get { self[.hasNews] }
    set { self[.hasNews] = newValue }
  }

  /// Makes the value right. Nothing to do for inputs.
  func refresh(in graph: Graph) {}
  /// What it depends on may be different; answers whether that is news.
  func mark(by suspect: UInt32, in graph: Graph) -> Bool { false }
  /// False for what is remembered though nothing depends on it: inputs that hold something, values that
  /// are asked for from outside.
  var isForgettable: Bool { true }
  /// Takes the cell out of its table, and its edges with it.
  func forget(in graph: Graph) { graph.leaveTable(self) }
  /// Revisions begin anew, and its value is of the first.
  func beginAnew(at first: UInt32) {
    let hadNews = hasNews
    changedAt = first
    hasNews = hadNews
  }
  /// Whose value this is, for people.
  final func label(in graph: Graph) -> String { graph.label(self) }

  /// Calls `body` with the numbers of the cells that were computed from this one.
  final func visitDependents(in graph: Graph, _ body: (UInt32) -> Void) {
    let list = dependents
    for place in 0..<list.count(in: graph.edges) {
      body(list.number(at: place, in: graph.edges))
    }
  }
}

/// A cell whose value is computed from others.
class ComputedCell: Cell {
  /// What the last computation read, in order.
  private final var dependencies = EdgeList()
  /// The revision at which the value was last computed or found right.
  final var verifiedAt: UInt32
  /// Dependencies that were marked since this value was last known to be right; none when it is.
  private final var suspects = NumberList()

  override init(of table: UInt16, in graph: Graph) {
    verifiedAt = graph.revision
    super.init(of: table, in: graph)
  }

  /// Someone outside the graph wants to hear of changes.
  final var isObserved: Bool {
    get { self[.isObserved] }
    set { self[.isObserved] = newValue }
  }
  /// Someone outside the graph asks for it now and then: it is remembered, and right when asked.
  final var isKept: Bool {
    get { self[.isKept] }
    set { self[.isKept] = newValue }
  }
  /// Its change was noted for them, and not taken yet.
  final var isNoted: Bool {
    get { self[.isNoted] }
    set { self[.isNoted] = newValue }
  }
  /// It may be wrong, and is made right when it is asked for.
  final var isMarked: Bool { !suspects.isEmpty }

  final override var isForgettable: Bool { !isObserved && !isKept }

  final override func refresh(in graph: Graph) {
    if isMarked { askSuspects(in: graph) }
  }

  private final func askSuspects(in graph: Graph) {
    var changed: [Cell] = []
    for number in suspects.all(in: graph.numbers) {
      let suspect = graph.cell(number)
      suspect.refresh(in: graph)
      if suspect.changedAt > verifiedAt { changed.append(suspect) }
    }
    suspects.removeAll(from: &graph.numbers)
    if !changed.isEmpty { graph.recompute(self, changed) }
    verifiedAt = graph.revision
  }

  final override func mark(by suspect: UInt32, in graph: Graph) -> Bool {
    let isNews = !isMarked
    suspects.insert(suspect, into: &graph.numbers)
    if isNews, isObserved { graph.marked(self) }
    return isNews
  }

  /// What is marked is computed again, whatever its suspects come to.
  final override func beginAnew(at first: UInt32) {
    super.beginAnew(at: first)
    verifiedAt = isMarked ? first - 1 : first
  }

  final override func forget(in graph: Graph) {
    suspects.removeAll(from: &graph.numbers)
    super.forget(in: graph)
    depend(on: [], in: graph)
  }

  // MARK: Edges

  final func visitDependencies(in graph: Graph, _ body: (UInt32) -> Void) {
    for place in 0..<dependencies.count(in: graph.edges) {
      body(dependencies.number(at: place, in: graph.edges))
    }
  }

  /// Puts the cells of these numbers, none of which is there twice, in the place of what the last
  /// computation read. Of a list in which some come or go those before and behind them keep their edges.
  final func depend(on next: ArraySlice<UInt32>, in graph: Graph) {
    let before = dependencies.count(in: graph.edges)
    let (first, last) = alike(next, before, in: graph)
    guard first + last < max(before, next.count) else { return }
    for place in first..<(before - last) {
      let cell = graph.cell(dependencies.number(at: place, in: graph.edges))
      cell.dependents.remove(number, in: &graph.edges)
      if !cell.hasDependents { graph.orphaned(cell) }
    }
    for dependency in next.dropFirst(first).dropLast(last) {
      graph.cell(dependency).dependents.append(number, in: &graph.edges)
    }
    dependencies.replaceAll(with: next, in: &graph.edges)
  }

  /// How many of the first and, of the rest, of the last dependencies are these.
  private final func alike(
    _ next: ArraySlice<UInt32>, _ before: Int, in graph: Graph
  ) -> (first: Int, last: Int) {
    let most = min(before, next.count)
    var first = 0
    while first < most,
      dependencies.number(at: first, in: graph.edges) == next[next.startIndex + first]
    {
      first += 1
    }
    var last = 0
    while last < most - first,
      dependencies.number(at: before - 1 - last, in: graph.edges) == next[next.endIndex - 1 - last]
    {
      last += 1
    }
    return (first, last)
  }
}

/// A cell that its table finds by a key.
protocol KeyedCell: Cell {
  associatedtype Key: Digested
  var key: Key { get }
}
