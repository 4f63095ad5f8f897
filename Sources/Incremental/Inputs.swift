/// Values set from outside, by key: one an object, so that changing one object touches only what
/// read that object. Reading an absent key is remembered too: its arrival is a change.
package final class Inputs<Key: Hashable, Value: Equatable> {
  private let graph: Graph
  private var cells: [Key: InputCell<Key, Value>] = [:]
  private var followers: [(Key, Value?, Value?) -> Void] = []
  /// How many keys have a value.
  package private(set) var count = 0

  package init(_ graph: Graph) { self.graph = graph }

  /// The value, recorded as read by the running computation.
  package subscript(key: Key) -> Value? {
    let cell = cell(for: key)
    graph.record(cell)
    return cell.value
  }

  /// The value as it is, for those who change inputs; records nothing.
  package func current(_ key: Key) -> Value? { cells[key]?.value }

  /// All keys and values as they are, in no order; records nothing.
  package var all: some Sequence<(key: Key, value: Value)> {
    cells.lazy.compactMap { key, cell in cell.value.map { (key: key, value: $0) } }
  }

  /// Sets or removes a value; answers whether that was a change. Of two equal values the newer one is
  /// held: what does not count in comparing, as where an object stands in its file, is the newest.
  @discardableResult package func set(_ key: Key, to value: Value?) -> Bool {
    let cell = cell(for: key)
    let previous = cell.value
    guard previous != value else {
      cell.value = value
      if value == nil, cell.dependents.isEmpty { cells[key] = nil }
      return false
    }
    cell.value = value
    count += (value == nil ? 0 : 1) - (previous == nil ? 0 : 1)
    graph.changed(cell)
    for follow in followers { follow(key, previous, value) }
    if value == nil, cell.dependents.isEmpty { cells[key] = nil }
    return true
  }

  /// Calls `body` with the value before and after, at each change, and now for what is there.
  func follow(_ body: @escaping (Key, Value?, Value?) -> Void) {
    for (key, value) in all { body(key, nil, value) }
    followers.append(body)
  }

  private func cell(for key: Key) -> InputCell<Key, Value> {
    if let cell = cells[key] { return cell }
    let cell = InputCell(graph, key: key, table: self)
    cells[key] = cell
    return cell
  }

  /// Another cell may be there by now: this one may have left the table before it is swept.
  fileprivate func forget(_ cell: Cell, at key: Key) {
    if cells[key] === cell { cells[key] = nil }
  }
}

private final class InputCell<Key: Hashable, Value: Equatable>: Cell {
  var value: Value?
  private let key: Key
  private unowned let table: Inputs<Key, Value>

  init(_ graph: Graph, key: Key, table: Inputs<Key, Value>) {
    self.key = key
    self.table = table
    super.init(graph)
  }

  override var isForgettable: Bool { value == nil }
  override func forget() { table.forget(self, at: key) }
}
