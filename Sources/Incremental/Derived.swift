/// A memoised function of a key. Its value is computed when first asked for, kept, and computed again
/// only after something it read came out different.
public final class Derived<Key: Digested, Value: Equatable> {
  public let name: String
  let graph: Graph
  private let tally: Graph.Tally
  let compute: (Key) -> Value
  private(set) var cells = CellTable<DerivedCell<Key, Value>>()
  private var number: UInt16 = 0
  private var changed: [DerivedCell<Key, Value>] = []

  /// `compute` may read only its key and values of the same graph.
  public init(_ graph: Graph, _ name: String, _ compute: @escaping (Key) -> Value) {
    self.graph = graph
    self.name = name
    self.compute = compute
    tally = graph.tally(name)
    number = graph.add(
      TableFunctions(
        leave: { [self] in self.cells.remove($0.of(DerivedCell<Key, Value>.self)) },
        label: { Audit.label(name, $0.of(DerivedCell<Key, Value>.self).key) },
        recompute: { [self] cell, _ in recompute(cell.of(DerivedCell<Key, Value>.self)) },
        noteChange: { [self] in noteChange($0.of(DerivedCell<Key, Value>.self)) }))
    graph.audits(self)
  }

  public func callAsFunction(_ key: Key) -> Value {
    read(cell(for: key))
  }

  /// The value of a cell of its own, read by the running computation.
  func read(_ cell: DerivedCell<Key, Value>) -> Value {
    cell.refresh(in: graph)
    graph.record(cell)
    return cell.value
  }

  /// From now on ``takeChanges()`` tells of this key, and the value is kept.
  public func observe(_ key: Key) -> Value {
    let cell = cell(for: key)
    cell.refresh(in: graph)
    cell.isObserved = true
    cell.hasNews = false
    return cell.value
  }

  public func unobserve(_ key: Key) {
    guard let cell = cells.find(key, in: graph) else { return }
    cell.isObserved = false
    if !cell.hasDependents { graph.orphaned(cell) }
  }

  /// The observed keys whose values changed in the settlements since last asked, each once, and
  /// which are observed still.
  public func takeChanges() -> [(key: Key, value: Value)] {
    guard !changed.isEmpty else { return [] }
    defer { changed = [] }
    return changed.compactMap { cell in
      cell.isNoted = false
      return cell.isObserved ? (key: cell.key, value: cell.value) : nil
    }
  }

  /// How many keys are remembered.
  public var count: Int { cells.count }

  func cell(for key: Key) -> DerivedCell<Key, Value> {
    let digest = cells.digest(of: key)
    if let cell = cells.find(key, digest, in: graph) { return cell }
    let computation = graph.begin(tally)
    let cell = DerivedCell(key, compute(key), of: number, in: graph)
    cells.insert(cell, digest)
    graph.end(computation, for: cell)
    graph.made(cell)
    return cell
  }

  private func recompute(_ cell: DerivedCell<Key, Value>) {
    let computation = graph.begin(tally)
    let value = compute(cell.key)
    if value != cell.value { cell.take(value, at: graph.revision) }
    graph.end(computation, for: cell)
  }

  private func noteChange(_ cell: DerivedCell<Key, Value>) {
    if !cell.isNoted { changed.append(cell) }
    cell.isNoted = true
  }
}

final class DerivedCell<Key: Digested, Value: Equatable>: ComputedCell, KeyedCell {
  let key: Key
  private(set) var value: Value

  fileprivate init(_ key: Key, _ value: Value, of table: UInt16, in graph: Graph) {
    self.key = key
    self.value = value
    super.init(of: table, in: graph)
  }

  func take(_ value: Value, at revision: UInt32) {
    self.value = value
    changedAt = revision
  }
}
