/// A memoised function of a key. Its value is computed when first asked for, kept, and computed again
/// only after something it read came out different.
package final class Derived<Key: Hashable, Value: Equatable> {
  package let name: String
  private let graph: Graph
  private let compute: (Key) -> Value
  private var cells: [Key: DerivedCell<Key, Value>] = [:]
  private var changedKeys: [Key] = []

  /// `compute` may read only its key and values of the same graph.
  package init(_ graph: Graph, _ name: String, _ compute: @escaping (Key) -> Value) {
    self.graph = graph
    self.name = name
    self.compute = compute
  }

  package func callAsFunction(_ key: Key) -> Value {
    let cell = cell(for: key)
    cell.refresh()
    graph.record(cell)
    return cell.value
  }

  /// From now on ``takeChanges()`` tells of this key, and the value is kept.
  package func observe(_ key: Key) -> Value {
    let cell = cell(for: key)
    cell.isObserved = true
    cell.refresh()
    cell.notedAt = cell.changedAt
    return cell.value
  }

  package func unobserve(_ key: Key) {
    guard let cell = cells[key] else { return }
    cell.isObserved = false
    if cell.dependents.isEmpty { graph.orphaned(cell) }
  }

  /// The observed keys whose values changed in the settlings since last asked, each once.
  package func takeChanges() -> [(key: Key, value: Value)] {
    let keys = Set(changedKeys)
    changedKeys = []
    return keys.compactMap { key in cells[key].map { (key: key, value: $0.value) } }
  }

  /// How many keys are remembered.
  package var count: Int { cells.count }

  func cell(for key: Key) -> DerivedCell<Key, Value> {
    if let cell = cells[key] { return cell }
    let (value, dependencies) = graph.recording(name) { compute(key) }
    let cell = DerivedCell(graph, key: key, value: value, table: self)
    cells[key] = cell
    cell.depend(on: dependencies)
    graph.orphaned(cell)
    return cell
  }

  fileprivate func recompute(_ cell: DerivedCell<Key, Value>) {
    let (value, dependencies) = graph.recording(name) { compute(cell.key) }
    cell.depend(on: dependencies)
    guard value != cell.value else { return }
    cell.value = value
    cell.changedAt = graph.revision
  }

  fileprivate func noteChange(_ key: Key) { changedKeys.append(key) }
  /// Another cell may be there by now: this one may have left the table before it is swept.
  fileprivate func forget(_ cell: Cell, at key: Key) {
    if cells[key] === cell { cells[key] = nil }
  }
}

final class DerivedCell<Key: Hashable, Value: Equatable>: Cell {
  fileprivate(set) var value: Value
  fileprivate let key: Key
  private unowned let table: Derived<Key, Value>

  fileprivate init(_ graph: Graph, key: Key, value: Value, table: Derived<Key, Value>) {
    self.key = key
    self.value = value
    self.table = table
    super.init(graph)
  }

  override func recompute(changed: [Cell]) { table.recompute(self) }
  override func noteChange() { table.noteChange(key) }
  override func forget() { table.forget(self, at: key) }
}
