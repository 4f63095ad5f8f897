/// Every cell of a graph by its number, and the numbers that are free.
struct CellList {
  private var places: ContiguousArray<Cell?> = []
  private var freeNumbers: [UInt32] = []

  mutating func takeNumber() -> UInt32 {
    if let number = freeNumbers.popLast() { return number }
    places.append(nil)
    return UInt32(places.count - 1)
  }

  /// The cell stands where its number says, which it took before.
  mutating func hold(_ cell: Cell) { places[Int(cell.number)] = cell }

  mutating func letGo(_ cell: Cell) {
    places[Int(cell.number)] = nil
    freeNumbers.append(cell.number)
  }

  func holds(_ cell: Cell) -> Bool { places[Int(cell.number)] === cell }

  subscript(number: UInt32) -> Cell {
    guard let cell = places[Int(number)] else {
      preconditionFailure("what an edge names is there as long as the edge")
    }
    return cell
  }

  func visit(_ body: (Cell) -> Void) {
    for case let cell? in places { body(cell) }
  }
}
