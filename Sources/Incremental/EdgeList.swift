/// One end of an edge: the cell at the other end, and where in its list this edge stands there. So an
/// edge is taken out at both ends without looking for it.
struct Edge<Other: Cell> {
  let cell: Other
  private var place: Int32

  init(cell: Other, position: Int) {
    self.cell = cell
    place = Int32(position)
  }

  var position: Int {
    get { Int(place) }
    set { place = Int32(newValue) }
  }
}

/// A cell's edges in one direction. Most cells have a single one, which takes no memory of its own.
struct EdgeList<Other: Cell> {
  private var first: Edge<Other>?
  private var others: [Edge<Other>] = []

  var isEmpty: Bool { first == nil }
  var count: Int { first == nil ? 0 : 1 + others.count }

  subscript(position: Int) -> Edge<Other> {
    get {
      guard position == 0, let first else { return others[position - 1] }
      return first
    }
    set { if position == 0 { first = newValue } else { others[position - 1] = newValue } }
  }

  mutating func append(_ edge: Edge<Other>) {
    if first == nil { first = edge } else { others.append(edge) }
  }

  /// Answers the last of the edges, of which there must be one.
  mutating func removeLast() -> Edge<Other> {
    if let last = others.popLast() {
      if others.isEmpty { others = [] }
      return last
    }
    guard let last = first else { preconditionFailure("an edge is taken out once") }
    first = nil
    return last
  }

  mutating func reserveCapacity(_ count: Int) {
    if count > 1 { others.reserveCapacity(count - 1) }
  }

  func visit(_ body: (Other) -> Void) {
    if let first { body(first.cell) }
    for edge in others { body(edge.cell) }
  }
}
