/// Values set from outside, by key: one an object, so that changing one object touches only what
/// read that object. Reading an absent key is remembered too: its arrival is a change.
public final class Inputs<Key: Digested, Value: Equatable> {
  let graph: Graph
  private(set) var cells = CellTable<InputCell<Key, Value>>()
  private var number: UInt16 = 0
  private var followers: [(Key, Value?, Value?) -> Void] = []
  /// How many keys have a value.
  public private(set) var count = 0

  public init(_ graph: Graph) {
    self.graph = graph
    number = graph.add(
      TableFunctions(
        leave: { [self] in self.cells.remove($0.of(InputCell<Key, Value>.self)) },
        label: { Audit.label("\(Value.self)", $0.of(InputCell<Key, Value>.self).key) }))
  }

  /// The value, recorded as read by the running computation.
  public subscript(key: Key) -> Value? {
    let cell = cell(for: key)
    graph.record(cell)
    return cell.value
  }

  /// The value as it is, for those who change inputs; records nothing.
  public func current(_ key: Key) -> Value? { cells.find(key, in: graph)?.value }

  /// All keys and values as they are, in no order; records nothing.
  public var all: some Sequence<(key: Key, value: Value)> {
    cells.cells(in: graph).lazy.compactMap { cell in cell.value.map { (key: cell.key, value: $0) } }
  }

  /// Sets or removes a value; answers whether that was a change. Of two equal values the newer one is
  /// held: what does not count in comparing, as where an object stands in its file, is the newest.
  @discardableResult public func set(_ key: Key, to value: Value?) -> Bool {
    let cell = cell(for: key)
    let previous = cell.value
    guard previous != value else {
      cell.value = value
      graph.forgetUnlessNeeded(cell)
      return false
    }
    cell.value = value
    count += (value == nil ? 0 : 1) - (previous == nil ? 0 : 1)
    graph.changed(cell)
    for follow in followers { follow(key, previous, value) }
    graph.forgetUnlessNeeded(cell)
    return true
  }

  /// Calls `body` with the value before and after, at each change, and now for what is there.
  func follow(_ body: @escaping (Key, Value?, Value?) -> Void) {
    for (key, value) in all { body(key, nil, value) }
    followers.append(body)
  }

  private func cell(for key: Key) -> InputCell<Key, Value> {
    let digest = cells.digest(of: key)
    if let cell = cells.find(key, digest, in: graph) { return cell }
    let cell = InputCell<Key, Value>(key, of: number, in: graph)
    cells.insert(cell, digest)
    return cell
  }
}

final class InputCell<Key: Digested, Value: Equatable>: Cell, KeyedCell {
  let key: Key
  var value: Value?

  init(_ key: Key, of table: UInt16, in graph: Graph) {
    self.key = key
    super.init(of: table, in: graph)
  }

  override var isForgettable: Bool { value == nil }
}
