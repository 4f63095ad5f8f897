/// A cell's edges in one direction: the numbers of the cells at their other ends, no number twice. Most
/// cells have a single one, which stands here; more stand in a block of the graph's ``EdgePool``.
struct EdgeList {
  /// The only number; where there is a block, where that begins, or which of the long lists it is.
  private var only: UInt32 = 0
  /// How many there are here or in the block; 1 for a long list of any, which knows that itself.
  private var length: UInt8 = 0
  /// The block's size; see ``EdgePool/capacity(_:)``. 0 where there is none.
  private var size: UInt8 = 0

  var isEmpty: Bool { length == 0 }

  func count(in pool: borrowing EdgePool) -> Int {
    size == EdgePool.long ? pool.longLists[block].numbers.count : Int(length)
  }

  private var block: Int { Int(only) }

  func number(at place: Int, in pool: borrowing EdgePool) -> UInt32 {
    switch size {
    case 0: only
    case EdgePool.long: pool.longLists[block].numbers[place]
    case _: pool.numbers[block + place]
    }
  }

  @inline(__always)
  mutating func append(_ number: UInt32, in pool: inout EdgePool) {
    guard length == 0, size == 0 else { return appendFurther(number, in: &pool) }
    only = number
    length = 1
  }

  private mutating func appendFurther(_ number: UInt32, in pool: inout EdgePool) {
    if size == EdgePool.long {
      pool.longLists[block].append(number)
      length = 1
      return
    }
    let count = Int(length)
    if count == EdgePool.capacity(size) {
      move(to: EdgePool.size(above: size), in: &pool)
      return append(number, in: &pool)
    }
    pool.numbers[block + count] = number
    length += 1
  }

  /// Takes out a number, which must be there; the last takes its place.
  mutating func remove(_ number: UInt32, in pool: inout EdgePool) {
    if size == EdgePool.long {
      pool.longLists[block].remove(number)
      return fit(pool.longLists[block].numbers.count, in: &pool)
    }
    let last = Int(length) - 1
    var place = last
    while place >= 0, self.number(at: place, in: pool) != number { place -= 1 }
    precondition(place >= 0, "an edge has two ends")
    if place < last { pool.numbers[block + place] = self.number(at: last, in: pool) }
    length -= 1
    fit(last, in: &pool)
  }

  /// Gives back what so many that are left do not need.
  private mutating func fit(_ left: Int, in pool: inout EdgePool) {
    if left == 0 {
      free(in: &pool)
      length = 0
    } else if size > 2, left * 4 <= min(EdgePool.capacity(size), EdgePool.longest) {
      move(to: EdgePool.size(for: left * 2), in: &pool)
    }
  }

  /// Holds these from now on and no others: room is made for them and for no more.
  mutating func replaceAll(with numbers: ArraySlice<UInt32>, in pool: inout EdgePool) {
    let needed = EdgePool.size(for: numbers.count)
    if needed != size {
      free(in: &pool)
      if needed > 0 { only = UInt32(pool.take(needed)) }
      size = needed
    }
    switch size {
    case 0: only = numbers.first ?? 0
    case EdgePool.long: pool.longLists[block] = LongEdgeList(numbers)
    case _: pool.put(numbers, at: block)
    }
    length = UInt8(size == EdgePool.long ? 1 : numbers.count)
  }

  private mutating func move(to other: UInt8, in pool: inout EdgePool) {
    guard size != EdgePool.long, other != EdgePool.long else {
      return moveLong(to: other, in: &pool)
    }
    let place = pool.take(other)
    if size > 0 {
      for position in 0..<Int(length) {
        pool.numbers[place + position] = pool.numbers[block + position]
      }
      pool.giveBack(block, size)
    } else if length > 0 {
      pool.numbers[place] = only
    }
    only = UInt32(place)
    size = other
  }

  private mutating func moveLong(to other: UInt8, in pool: inout EdgePool) {
    let place = pool.take(other)
    let count = count(in: pool)
    for position in 0..<count {
      let number = number(at: position, in: pool)
      if other == EdgePool.long {
        pool.longLists[place].append(number)
      } else {
        pool.numbers[place + position] = number
      }
    }
    free(in: &pool)
    only = UInt32(place)
    length = UInt8(other == EdgePool.long ? min(count, 1) : count)
    size = other
  }

  private mutating func free(in pool: inout EdgePool) {
    if size > 0 { pool.giveBack(block, size) }
    size = 0
  }
}

/// More numbers than a block holds. Where one stands is remembered from the first time that one is
/// taken out: of most lists none ever is.
struct LongEdgeList {
  private(set) var numbers: ContiguousArray<UInt32>
  private var places: [UInt32: UInt32]?

  init(_ numbers: ArraySlice<UInt32> = []) { self.numbers = ContiguousArray(numbers) }

  mutating func append(_ number: UInt32) {
    places?[number] = UInt32(numbers.count)
    numbers.append(number)
  }

  /// The last takes its place.
  mutating func remove(_ number: UInt32) {
    if places == nil {
      places = Dictionary(
        zip(numbers, UInt32(0)...), uniquingKeysWith: { first, _ in first })
    }
    guard let place = places?.removeValue(forKey: number) else {
      preconditionFailure("an edge has two ends")
    }
    let last = numbers.removeLast()
    guard last != number else { return }
    numbers[Int(place)] = last
    places?[last] = place
  }
}

/// Where the edges of cells with several stand, list by list. Blocks come in sizes, and those given back
/// are used again, so that lists come and go without an allocation each. A long list has memory of its
/// own.
struct EdgePool: ~Copyable {
  fileprivate var numbers: ContiguousArray<UInt32> = []
  /// How many of them blocks have taken; the rest is for blocks to come.
  private var used = 0
  fileprivate var longLists: [LongEdgeList] = []
  private var freeLongLists: [Int] = []
  /// The first free block of each size; in each stands where the next one is.
  private var free = InlineArray<16, UInt32>(repeating: none)

  private static let none = UInt32.max
  /// The size of lists that are longer than any block.
  static let long = UInt8.max
  static let longest = 192

  /// 1, then 2, 3, 4, 6, 8, 12, 16, 24 and so on.
  @inline(__always)
  static func capacity(_ size: UInt8) -> Int {
    switch size {
    case 0: 1
    case long: .max
    case _: size % 2 == 0 ? 3 << (Int(size) / 2 - 1) : 1 << (Int(size) / 2 + 1)
    }
  }

  /// The smallest size with room for so many.
  static func size(for count: Int) -> UInt8 {
    guard count > 1 else { return 0 }
    guard count <= longest else { return long }
    let exponent = Int.bitWidth - (count - 1).leadingZeroBitCount
    let fitsSmaller = exponent > 1 && count <= 3 << (exponent - 2)
    return UInt8(fitsSmaller ? 2 * exponent - 2 : 2 * exponent - 1)
  }

  static func size(above size: UInt8) -> UInt8 {
    capacity(size) < longest ? size + 1 : long
  }

  fileprivate mutating func take(_ size: UInt8) -> Int {
    guard size != EdgePool.long else { return takeLongList() }
    let block = free[Int(size)]
    guard block == EdgePool.none else {
      free[Int(size)] = numbers[Int(block)]
      return Int(block)
    }
    let place = used
    used += EdgePool.capacity(size)
    if used > numbers.count {
      numbers.append(contentsOf: repeatElement(0, count: EdgePool.longest * 4))
    }
    return place
  }

  fileprivate mutating func put(_ few: ArraySlice<UInt32>, at block: Int) {
    var place = block
    for number in few {
      numbers[place] = number
      place += 1
    }
  }

  private mutating func takeLongList() -> Int {
    if let place = freeLongLists.popLast() { return place }
    longLists.append(LongEdgeList())
    return longLists.count - 1
  }

  fileprivate mutating func giveBack(_ block: Int, _ size: UInt8) {
    if size == EdgePool.long {
      longLists[block] = LongEdgeList()
      freeLongLists.append(block)
    } else {
      numbers[block] = free[Int(size)]
      free[Int(size)] = UInt32(block)
    }
  }
}
