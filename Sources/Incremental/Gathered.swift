/// A long list of derived values under one key: the virtual hosts of a route configuration. When one
/// element comes out different, only its place in the list is replaced; the others are not asked.
package final class Gathered<Key: Hashable, ElementKey: Hashable, Element: Equatable> {
  package let name: String
  private let graph: Graph
  private let keys: (Key) -> [ElementKey]
  private let elements: Derived<ElementKey, Element>
  private var cells: [Key: GatheredCell<Key, ElementKey, Element>] = [:]

  /// `keys` says which elements, in order; it is a computation of its own and may read the graph.
  package init(
    _ graph: Graph, _ name: String, of elements: Derived<ElementKey, Element>,
    keys: @escaping (Key) -> [ElementKey]
  ) {
    self.graph = graph
    self.name = name
    self.keys = keys
    self.elements = elements
  }

  package func callAsFunction(_ key: Key) -> [Element] {
    let cell = cell(for: key)
    cell.refresh()
    graph.record(cell)
    return cell.values
  }

  /// The elements, remembered from now on though nothing in the graph depends on them. Unlike what
  /// is observed they are not computed when the graph settles, only when somebody asks.
  package func kept(_ key: Key) -> [Element] {
    cell(for: key).isKept = true
    return self(key)
  }

  private lazy var keyLists = Derived<Key, [ElementKey]>(graph, "\(name).keys") { [keys] in keys($0)
  }

  private func cell(for key: Key) -> GatheredCell<Key, ElementKey, Element> {
    if let cell = cells[key] { return cell }
    let cell = GatheredCell(graph, key: key, table: self)
    cells[key] = cell
    gather(cell)
    graph.orphaned(cell)
    return cell
  }

  fileprivate func gather(_ cell: GatheredCell<Key, ElementKey, Element>) {
    let (gathered, _) = graph.recording(name) {
      let list = keyLists.cell(for: cell.key)
      list.refresh()
      return (
        list,
        list.value.map { key in
          let element = elements.cell(for: key)
          element.refresh()
          return element
        }
      )
    }
    cell.take(list: gathered.0, elements: gathered.1)
  }

  /// Another cell may be there by now: this one may have left the table before it is swept.
  fileprivate func forget(_ cell: Cell, at key: Key) {
    if cells[key] === cell { cells[key] = nil }
  }
}

private final class GatheredCell<Key: Hashable, ElementKey: Hashable, Element: Equatable>: Cell {
  private(set) var values: [Element] = []
  let key: Key
  private unowned let table: Gathered<Key, ElementKey, Element>
  private var list: Cell?
  private var positions: [ObjectIdentifier: [Int]] = [:]

  init(_ graph: Graph, key: Key, table: Gathered<Key, ElementKey, Element>) {
    self.key = key
    self.table = table
    super.init(graph)
  }

  func take(list: Cell, elements: [DerivedCell<ElementKey, Element>]) {
    self.list = list
    values = elements.map(\.value)
    positions = [:]
    for (position, cell) in elements.enumerated() {
      positions[ObjectIdentifier(cell), default: []].append(position)
    }
    depend(on: [list] + elements)
  }

  override func recompute(changed: [Cell]) {
    changedAt = graph.revision
    guard !changed.contains(where: { $0 === list }) else { return table.gather(self) }
    for cell in changed {
      guard let element = cell as? DerivedCell<ElementKey, Element> else { continue }
      for position in positions[ObjectIdentifier(cell)] ?? [] { values[position] = element.value }
    }
  }

  override func forget() { table.forget(self, at: key) }
}
