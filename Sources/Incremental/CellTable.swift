/// Cells by their keys. A key stands in its cell alone, and the table keeps a part of its digest beside
/// the cell's number: growing asks no key again, and nearly all wrong cells are told without a look at
/// them.
struct CellTable<Found: KeyedCell> {
  typealias Key = Found.Key

  /// Open addressing, linear: a cell stands at the first free slot from its digest on.
  private var slots: ContiguousArray<Slot> = []
  private(set) var count = 0

  private struct Slot {
    /// 0 in a free slot, and in no other.
    var digest: UInt32 = 0
    var number: UInt32 = 0
  }

  /// A key's digest, to be asked for once where a look-up is followed by an insertion.
  func digest(of key: Key) -> UInt32 {
    max(1, UInt32(truncatingIfNeeded: key.digest))
  }

  func find(_ key: Key, in graph: Graph) -> Found? { find(key, digest(of: key), in: graph) }

  /// Where the types are known, or they would be looked up at each look.
  @inline(__always)
  func find(_ key: Key, _ digest: UInt32, in graph: Graph) -> Found? {
    guard !slots.isEmpty else { return nil }
    var place = first(digest)
    while slots[place].digest != 0 {
      if slots[place].digest == digest {
        let cell = cell(in: slots[place], of: graph)
        if cell.key == key { return cell }
      }
      place = next(place)
    }
    return nil
  }

  @inline(__always)
  private func cell(in slot: Slot, of graph: Graph) -> Found {
    guard let cell = graph.cell(slot.number) as? Found else {
      preconditionFailure("a table holds cells of its own kind")
    }
    return cell
  }

  private func first(_ digest: UInt32) -> Int { Int(digest) & (slots.count - 1) }
  private func next(_ place: Int) -> Int { (place + 1) & (slots.count - 1) }

  /// Adds a cell whose key is not there yet.
  mutating func insert(_ cell: Found, _ digest: UInt32) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    place(Slot(digest: digest, number: cell.number))
    count += 1
  }

  private mutating func grow() {
    let old = slots
    slots = ContiguousArray(repeating: Slot(), count: max(4, old.count * 2))
    for slot in old where slot.digest != 0 { place(slot) }
  }

  private mutating func place(_ slot: Slot) {
    var place = first(slot.digest)
    while slots[place].digest != 0 { place = next(place) }
    slots[place] = slot
  }

  /// Takes a cell out, which must be there.
  mutating func remove(_ cell: Found) {
    guard !slots.isEmpty else { return }
    var hole = first(digest(of: cell.key))
    while slots[hole].digest != 0, slots[hole].number != cell.number { hole = next(hole) }
    guard slots[hole].digest != 0 else { return }
    slots[hole] = Slot()
    count -= 1
    // Those behind that a free slot would now hide move up.
    var following = next(hole)
    while slots[following].digest != 0 {
      let slot = slots[following]
      slots[following] = Slot()
      place(slot)
      following = next(following)
    }
  }

  /// Places for cells, which change as cells come and go; most have none or the one they had before.
  var places: Range<Int> { slots.indices }
  func cell(at place: Int, in graph: Graph) -> Found? {
    guard slots.indices.contains(place), slots[place].digest != 0 else { return nil }
    return cell(in: slots[place], of: graph)
  }

  /// All cells, in no order.
  func cells(in graph: Graph) -> some Sequence<Found> {
    slots.lazy.filter { $0.digest != 0 }.map { self.cell(in: $0, of: graph) }
  }
}
