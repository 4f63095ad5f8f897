/// Every cell of a graph by its number, and the numbers that are free.
struct CellList {
  private var places: ContiguousArray<Cell?> = []
  /// Which computation read each cell last.
  private var stamps: ContiguousArray<UInt32> = []
  private var freeNumbers: [UInt32] = []

  /// That of the next cell to be held.
  var nextNumber: UInt32 { freeNumbers.last ?? UInt32(places.count) }

  /// The cell has the next number, and stands there from now on.
  mutating func hold(_ cell: Cell) {
    guard freeNumbers.popLast() != nil else {
      places.append(cell)
      stamps.append(0)
      return
    }
    places[Int(cell.number)] = cell
    stamps[Int(cell.number)] = 0
  }

  mutating func letGo(_ cell: Cell) {
    places[Int(cell.number)] = nil
    freeNumbers.append(cell.number)
  }

  /// Whether the cell did not have the stamp; it has from now on.
  mutating func stamp(_ number: UInt32, _ stamp: UInt32) -> Bool {
    guard stamps[Int(number)] != stamp else { return false }
    stamps[Int(number)] = stamp
    return true
  }

  mutating func forgetStamps() {
    for place in stamps.indices { stamps[place] = 0 }
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
