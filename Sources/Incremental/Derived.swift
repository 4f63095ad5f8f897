/// A memoised function of a key. Its value is computed when first asked for, kept, and computed again
/// only after something it read came out different.
public final class Derived<Key: Hashable, Value: Equatable> {
  public let name: String
  let graph: Graph
  private let tally: Graph.Tally
  let compute: (Key) -> Value
  private(set) var cells = CellTable<DerivedCell<Key, Value>>()
  private var changed: [DerivedCell<Key, Value>] = []

  /// `compute` may read only its key and values of the same graph.
  public init(_ graph: Graph, _ name: String, _ compute: @escaping (Key) -> Value) {
    self.graph = graph
    self.name = name
    self.compute = compute
    tally = graph.tally(name)
    graph.audits(self)
  }

  public func callAsFunction(_ key: Key) -> Value {
    let cell = cell(for: key)
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
    guard let cell = cells[key] else { return }
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
    if let cell = cells.find(key, digest) { return cell }
    let computation = graph.begin(tally)
    let cell = DerivedCell(key, compute(key), of: self, in: graph)
    cells.insert(cell, digest)
    graph.end(computation, for: cell)
    graph.made(cell)
    return cell
  }

  fileprivate func recompute(_ cell: DerivedCell<Key, Value>) {
    let computation = graph.begin(tally)
    let value = compute(cell.key)
    if value != cell.value { cell.take(value, at: graph.revision) }
    graph.end(computation, for: cell)
  }

  fileprivate func noteChange(_ cell: DerivedCell<Key, Value>) {
    if !cell.isNoted { changed.append(cell) }
    cell.isNoted = true
  }
  fileprivate func forget(_ cell: DerivedCell<Key, Value>) { cells.remove(cell) }
}

final class DerivedCell<Key: Hashable, Value: Equatable>: ComputedCell, KeyedCell {
  let key: Key
  private(set) var value: Value
  let table: Derived<Key, Value>

  fileprivate init(_ key: Key, _ value: Value, of table: Derived<Key, Value>, in graph: Graph) {
    self.key = key
    self.value = value
    self.table = table
    super.init(in: graph)
  }

  func isKeyed(_ other: Key) -> Bool { key == other }

  func take(_ value: Value, at revision: UInt64) {
    self.value = value
    changedAt = revision
  }

  override func recompute(changed: [Cell]) { table.recompute(self) }
  override func noteChange() { table.noteChange(self) }
  override func leaveTable() { table.forget(self) }
  override var label: String { Audit.label(table.name, key) }
}
