/// One end of an edge: the cell at the other end, and where in its list this edge stands there. So an
/// edge is taken out at both ends without looking for it.
struct Edge {
  let cell: Cell
  var position: Int
}

/// A cell's edges in one direction. Most cells have a single one, which takes no memory of its own.
struct EdgeList {
  private var first: Edge?
  private var others: [Edge] = []

  var isEmpty: Bool { first == nil }
  var count: Int { first == nil ? 0 : 1 + others.count }

  subscript(position: Int) -> Edge {
    get {
      guard position == 0, let first else { return others[position - 1] }
      return first
    }
    set { if position == 0 { first = newValue } else { others[position - 1] = newValue } }
  }

  mutating func append(_ edge: Edge) {
    if first == nil { first = edge } else { others.append(edge) }
  }

  /// Answers the last of the edges, of which there must be one.
  mutating func removeLast() -> Edge {
    if let last = others.popLast() {
      if others.isEmpty { others = [] }
      return last
    }
    guard let last = first else { preconditionFailure("an edge is taken out once") }
    first = nil
    return last
  }

  mutating func reserveCapacity(_ count: Int) { others.reserveCapacity(max(0, count - 1)) }

  func visit(_ body: (Cell) -> Void) {
    if let first { body(first.cell) }
    for edge in others { body(edge.cell) }
  }
}
