/// Cells by their keys. A key stands in its cell alone, and the table keeps a digest of it beside the
/// cell: growing asks no key again, and most wrong cells are told without a look at them.
struct CellTable<Found: KeyedCell> {
  typealias Key = Found.Key

  /// Open addressing, linear: a cell stands at the first free slot from its digest on.
  private var slots: [Slot] = []
  private(set) var count = 0

  private struct Slot {
    var digest = 0
    var cell: Found?
  }

  /// A key's digest, to be asked for once where a look-up is followed by an insertion.
  func digest(of key: Key) -> Int {
    var hasher = Hasher()
    hasher.combine(key)
    return hasher.finalize()
  }

  subscript(key: Key) -> Found? { find(key, digest(of: key)) }

  func find(_ key: Key, _ digest: Int) -> Found? {
    guard !slots.isEmpty else { return nil }
    var place = digest & (slots.count - 1)
    while let cell = slots[place].cell {
      if slots[place].digest == digest, cell.key == key { return cell }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds a cell whose key is not there yet.
  mutating func insert(_ cell: Found, _ digest: Int) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    place(Slot(digest: digest, cell: cell))
    count += 1
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(), count: max(4, old.count * 2))
    for slot in old where slot.cell != nil { place(slot) }
  }

  private mutating func place(_ slot: Slot) {
    var place = slot.digest & (slots.count - 1)
    while slots[place].cell != nil { place = (place + 1) & (slots.count - 1) }
    slots[place] = slot
  }

  /// Takes a cell out, if it is the one that stands at its key: one that was out already may have been
  /// followed by another.
  mutating func remove(_ cell: Found) {
    guard !slots.isEmpty else { return }
    var hole = digest(of: cell.key) & (slots.count - 1)
    while let found = slots[hole].cell, found !== cell { hole = (hole + 1) & (slots.count - 1) }
    guard slots[hole].cell != nil else { return }
    slots[hole] = Slot()
    count -= 1
    // Those behind that a free slot would now hide move up.
    var next = (hole + 1) & (slots.count - 1)
    while slots[next].cell != nil {
      let slot = slots[next]
      slots[next] = Slot()
      place(slot)
      next = (next + 1) & (slots.count - 1)
    }
  }

  /// Places for cells, which change as cells come and go; most have none or the one they had before.
  var places: Range<Int> { slots.indices }
  func cell(at place: Int) -> Found? { slots[place].cell }

  /// All cells, in no order.
  var cells: some Sequence<Found> { slots.lazy.compactMap(\.cell) }
}
