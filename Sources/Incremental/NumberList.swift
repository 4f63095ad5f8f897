/// Numbers that are remembered for a short time: which of a cell's dependencies were marked. A list takes
/// four bytes while there is nothing in it, which is nearly always; what is in it stands in a pool.
struct NumberList {
  /// Where the first entry stands in the pool; 0 where there is none.
  private var first: UInt32 = 0

  var isEmpty: Bool { first == 0 }

  mutating func insert(_ number: UInt32, into pool: inout NumberPool) {
    first = pool.take(NumberPool.Entry(number: number, next: first))
  }

  /// Those that were put in, in that order.
  func all(in pool: borrowing NumberPool) -> [UInt32] {
    var numbers: [UInt32] = []
    var place = first
    while place != 0 {
      let entry = pool.entries[Int(place)]
      numbers.append(entry.number)
      place = entry.next
    }
    numbers.reverse()
    return numbers
  }

  mutating func removeAll(from pool: inout NumberPool) {
    while first != 0 { first = pool.giveBack(first) }
  }
}

/// Where the entries of many ``NumberList``s stand.
struct NumberPool: ~Copyable {
  fileprivate struct Entry {
    let number: UInt32
    /// Where the next entry of the list stands, or the next free one.
    var next: UInt32
  }

  /// The first stands for none.
  fileprivate var entries: ContiguousArray<Entry> = [Entry(number: 0, next: 0)]
  private var free: UInt32 = 0
  private var used = 0
  /// After so many at a time, as where a setting of the whole mesh changes, the memory is let go.
  private static let kept = 1024

  fileprivate mutating func take(_ entry: Entry) -> UInt32 {
    used += 1
    guard free != 0 else {
      entries.append(entry)
      return UInt32(entries.count - 1)
    }
    let place = free
    free = entries[Int(place)].next
    entries[Int(place)] = entry
    return place
  }

  /// Answers where the list goes on.
  fileprivate mutating func giveBack(_ place: UInt32) -> UInt32 {
    let next = entries[Int(place)].next
    entries[Int(place)].next = free
    free = place
    used -= 1
    if used == 0, entries.count > NumberPool.kept {
      entries = [Entry(number: 0, next: 0)]
      free = 0
    }
    return next
  }
}
