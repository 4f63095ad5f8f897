/// Cells by their keys. A key stands in its cell alone, and the table keeps a part of its digest:
/// growing asks no key again, and nearly all wrong cells are told without a look at them.
struct CellTable<Found: KeyedCell> {
  typealias Key = Found.Key

  private var found: ContiguousArray<Found> = []
  /// Open addressing, linear: what says where a cell is stands at the first free slot from its digest on.
  private var slots: ContiguousArray<Slot> = []

  private struct Slot {
    let digest: UInt32
    /// The cell's place among all, from 1; 0 in a free slot.
    var number: UInt32

    static var free: Slot { Slot(digest: 0, number: 0) }
    var place: Int { Int(number) - 1 }
  }

  var count: Int { found.count }

  /// A key's digest, to be asked for once where a look-up is followed by an insertion.
  func digest(of key: Key) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(key)
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  subscript(key: Key) -> Found? { find(key, digest(of: key)) }

  func find(_ key: Key, _ digest: UInt32) -> Found? {
    guard !slots.isEmpty else { return nil }
    var place = first(digest)
    while slots[place].number != 0 {
      if slots[place].digest == digest, found[slots[place].place].isKeyed(key) {
        return found[slots[place].place]
      }
      place = next(place)
    }
    return nil
  }

  private func first(_ digest: UInt32) -> Int { Int(digest) & (slots.count - 1) }
  private func next(_ place: Int) -> Int { (place + 1) & (slots.count - 1) }

  /// Adds a cell whose key is not there yet.
  mutating func insert(_ cell: Found, _ digest: UInt32) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    found.append(cell)
    place(Slot(digest: digest, number: UInt32(found.count)))
  }

  private mutating func grow() {
    let old = slots
    slots = ContiguousArray(repeating: .free, count: max(4, old.count * 2))
    for slot in old where slot.number != 0 { place(slot) }
  }

  private mutating func place(_ slot: Slot) {
    var place = first(slot.digest)
    while slots[place].number != 0 { place = next(place) }
    slots[place] = slot
  }

  /// Takes a cell out, if it is the one that stands at its key: one that was out already may have been
  /// followed by another.
  mutating func remove(_ cell: Found) {
    guard !slots.isEmpty else { return }
    var hole = first(digest(of: cell.key))
    while slots[hole].number != 0, found[slots[hole].place] !== cell { hole = next(hole) }
    guard slots[hole].number != 0 else { return }
    let gap = slots[hole]
    slots[hole] = .free
    // Those behind that a free slot would now hide move up.
    var following = next(hole)
    while slots[following].number != 0 {
      let slot = slots[following]
      slots[following] = .free
      place(slot)
      following = next(following)
    }
    fill(gap)
  }

  /// The last cell takes the place of one that is gone.
  private mutating func fill(_ gap: Slot) {
    let last = UInt32(found.count)
    if gap.number != last {
      var place = first(digest(of: found[Int(last) - 1].key))
      while slots[place].number != last { place = next(place) }
      slots[place].number = gap.number
      found.swapAt(gap.place, Int(last) - 1)
    }
    found.removeLast()
  }

  /// Places for cells: the last one takes the place of one that goes.
  var places: Range<Int> { found.indices }
  func cell(at place: Int) -> Found? { found.indices.contains(place) ? found[place] : nil }

  /// All cells, in no order.
  var cells: some Sequence<Found> { found }
}
