/// A long list of derived values under one key: the virtual hosts of a route configuration. When one
/// element comes out different, only its place in the list is replaced; the others are not asked.
public final class Gathered<Key: Digested, ElementKey: Digested, Element: Equatable> {
  public let name: String
  let graph: Graph
  private let tally: Graph.Tally
  let keyLists: Derived<Key, [ElementKey]>
  let elements: Derived<ElementKey, Element>
  private(set) var cells = CellTable<GatheredCell<Key, ElementKey, Element>>()
  private var number: UInt16 = 0

  /// `keys` says which elements, in order.
  public init(
    _ graph: Graph, _ name: String, of elements: Derived<ElementKey, Element>,
    keys: Derived<Key, [ElementKey]>
  ) {
    self.graph = graph
    self.name = name
    self.elements = elements
    keyLists = keys
    tally = graph.tally(name)
    number = graph.add(
      TableFunctions(
        leave: { [self] in cells.remove($0.of(GatheredCell<Key, ElementKey, Element>.self)) },
        label: { Audit.label(name, $0.of(GatheredCell<Key, ElementKey, Element>.self).key) },
        recompute: { [self] in
          recompute($0.of(GatheredCell<Key, ElementKey, Element>.self), changed: $1)
        }))
    graph.audits(self)
  }

  /// `keys` says which elements, in order; it is a computation of its own and may read the graph.
  public convenience init(
    _ graph: Graph, _ name: String, of elements: Derived<ElementKey, Element>,
    keys: @escaping (Key) -> [ElementKey]
  ) {
    self.init(graph, name, of: elements, keys: Derived(graph, "\(name).keys", keys))
  }

  public func callAsFunction(_ key: Key) -> [Element] {
    let cell = cell(for: key)
    cell.refresh(in: graph)
    graph.record(cell)
    return cell.values
  }

  /// The elements, remembered from now on though nothing in the graph depends on them. Unlike what
  /// is observed they are not computed when the graph settles, only when somebody asks.
  public func kept(_ key: Key) -> [Element] {
    cell(for: key).isKept = true
    return self(key)
  }

  private func cell(for key: Key) -> GatheredCell<Key, ElementKey, Element> {
    let digest = cells.digest(of: key)
    if let cell = cells.find(key, digest, in: graph) { return cell }
    let cell = GatheredCell<Key, ElementKey, Element>(key, of: number, in: graph)
    cells.insert(cell, digest)
    gather(cell)
    graph.made(cell)
    return cell
  }

  func gather(_ cell: GatheredCell<Key, ElementKey, Element>) {
    let computation = graph.begin(tally)
    let list = keyLists.cell(for: cell.key)
    list.refresh(in: graph)
    graph.record(list)
    let members = list.value.map { key in
      let element = elements.cell(for: key)
      element.refresh(in: graph)
      graph.record(element)
      return element
    }
    cell.take(list, members)
    graph.end(computation, for: cell)
  }

  private func recompute(_ cell: GatheredCell<Key, ElementKey, Element>, changed: [Cell]) {
    cell.changedAt = graph.revision
    if changed.contains(where: { $0 === cell.list }) {
      gather(cell)
    } else {
      cell.replaceChanged(changed)
    }
  }

}

final class GatheredCell<Key: Digested, ElementKey: Digested, Element: Equatable>:
  ComputedCell, KeyedCell
{
  let key: Key
  private(set) var values: [Element] = []
  private(set) var list: Cell?
  private var elements: [DerivedCell<ElementKey, Element>] = []

  init(_ key: Key, of table: UInt16, in graph: Graph) {
    self.key = key
    super.init(of: table, in: graph)
  }

  func take(_ list: Cell, _ elements: [DerivedCell<ElementKey, Element>]) {
    self.list = list
    self.elements = elements
    values = elements.map(\.value)
  }

  /// The list is the same, and some of its elements are not. Where few of them stand is seen by their
  /// addresses, without a look at the others.
  func replaceChanged(_ changed: [Cell]) {
    guard changed.count <= 4 else {
      for (position, element) in elements.enumerated() where element.changedAt > verifiedAt {
        values[position] = element.value
      }
      return
    }
    for cell in changed.map(ObjectIdentifier.init) {
      for position in elements.indices where ObjectIdentifier(elements[position]) == cell {
        values[position] = elements[position].value
      }
    }
  }
}
