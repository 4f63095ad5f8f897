/// Numbers for a list's members that rise along the list and change as little as possible when the
/// list does: members keep theirs where they can, new ones take one in between.
struct OrderNumbers {
  private static let gap: UInt64 = 1 << 32

  /// `previous` has the number each member had, nil for a new one.
  static func numbers(_ previous: [UInt64?]) -> [UInt64] {
    var kept: [UInt64?] = []
    var last: UInt64 = 0
    for number in previous {
      guard let number, number > last else {
        kept.append(nil)
        continue
      }
      kept.append(number)
      last = number
    }
    return filled(kept)
      ?? (1...UInt64(max(1, previous.count))).prefix(previous.count).map {
        $0 * gap
      }
  }

  /// Numbers between those that are kept; nil where there is no room for them.
  private static func filled(_ kept: [UInt64?]) -> [UInt64]? {
    var numbers: [UInt64] = []
    var below: UInt64 = 0
    var position = 0
    while position < kept.count {
      if let number = kept[position] {
        numbers.append(number)
        below = number
        position += 1
        continue
      }
      let end = kept[position...].firstIndex { $0 != nil } ?? kept.count
      let count = UInt64(end - position)
      let step =
        end < kept.count ? ((kept[end] ?? 0) - below) / (count + 1) : gap
      guard step > 0 else { return nil }
      for index in 1...count { numbers.append(below + index * step) }
      below += count * step
      position = end
    }
    return numbers
  }
}
