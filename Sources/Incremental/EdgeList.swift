/// One end of an edge: the number of the cell at the other end, and where in its list this edge stands
/// there. So an edge is taken out at both ends without looking for it.
struct Edge {
  var cell: UInt32
  var position: UInt32
}

/// A cell's edges in one direction. Most cells have a single one, which stands here; more stand in a
/// block of the graph's ``EdgePool``.
struct EdgeList {
  /// The only edge; where there is a block, its `position` is where that begins, or which of the
  /// long lists it is.
  private var only = Edge(cell: 0, position: 0)
  /// How many there are here or in the block; 1 for a long list of any, which knows that itself.
  private var length: UInt16 = 0
  /// The block's size; see ``EdgePool/capacity(_:)``. 0 where there is none.
  private var size: UInt8 = 0

  var isEmpty: Bool { length == 0 }

  func count(in pool: borrowing EdgePool) -> Int {
    size == EdgePool.long ? pool.longLists[block].count : Int(length)
  }

  private var block: Int { Int(only.position) }

  func edge(at place: Int, in pool: borrowing EdgePool) -> Edge {
    switch size {
    case 0: only
    case EdgePool.long: pool.longLists[block][place]
    case _: pool.edges[block + place]
    }
  }

  mutating func replace(at place: Int, by edge: Edge, in pool: inout EdgePool) {
    switch size {
    case 0: only = edge
    case EdgePool.long: pool.longLists[block][place] = edge
    case _: pool.edges[block + place] = edge
    }
  }

  /// Answers where the edge stands now.
  @discardableResult
  @inline(__always)
  mutating func append(_ edge: Edge, in pool: inout EdgePool) -> Int {
    guard length == 0, size == 0 else { return appendFurther(edge, in: &pool) }
    only = edge
    length = 1
    return 0
  }

  private mutating func appendFurther(_ edge: Edge, in pool: inout EdgePool) -> Int {
    if size == EdgePool.long {
      pool.longLists[block].append(edge)
      length = 1
      return pool.longLists[block].count - 1
    }
    let count = Int(length)
    if count == EdgePool.capacity(size) {
      move(to: EdgePool.size(above: size), in: &pool)
      return append(edge, in: &pool)
    }
    pool.edges[block + count] = edge
    length += 1
    return count
  }

  /// Answers the last of the edges, of which there must be one.
  mutating func removeLast(in pool: inout EdgePool) -> Edge {
    let left = count(in: pool) - 1
    precondition(left >= 0, "an edge is taken out once")
    let last = edge(at: left, in: pool)
    if size == EdgePool.long { pool.longLists[block].removeLast() } else { length -= 1 }
    if left == 0 {
      free(in: &pool)
      length = 0
    } else if size > 2, left * 4 <= min(EdgePool.capacity(size), EdgePool.longest) {
      move(to: EdgePool.size(for: left * 2), in: &pool)
    }
    return last
  }

  /// Makes room for so many, and no more than they need.
  mutating func reserve(_ count: Int, in pool: inout EdgePool) {
    guard count > EdgePool.capacity(size) else { return }
    move(to: EdgePool.size(for: count), in: &pool)
  }

  private mutating func move(to other: UInt8, in pool: inout EdgePool) {
    guard size != EdgePool.long, other != EdgePool.long else {
      return moveLong(to: other, in: &pool)
    }
    let place = pool.take(other)
    if size > 0 {
      for position in 0..<Int(length) {
        pool.edges[place + position] = pool.edges[block + position]
      }
      pool.giveBack(block, size)
    } else if length > 0 {
      pool.edges[place] = only
    }
    only.position = UInt32(place)
    size = other
  }

  private mutating func moveLong(to other: UInt8, in pool: inout EdgePool) {
    let place = pool.take(other)
    let count = count(in: pool)
    for position in 0..<count {
      let edge = edge(at: position, in: pool)
      if other == EdgePool.long {
        pool.longLists[place].append(edge)
      } else {
        pool.edges[place + position] = edge
      }
    }
    free(in: &pool)
    only.position = UInt32(place)
    length = UInt16(other == EdgePool.long ? min(count, 1) : count)
    size = other
  }

  private mutating func free(in pool: inout EdgePool) {
    if size > 0 { pool.giveBack(block, size) }
    size = 0
  }
}

/// Where the edges of cells with several stand, list by list. Blocks come in sizes, and those given back
/// are used again, so that lists come and go without an allocation each. A long list has memory of its
/// own.
struct EdgePool: ~Copyable {
  fileprivate var edges: ContiguousArray<Edge> = []
  /// How many of them blocks have taken; the rest is for blocks to come.
  private var used = 0
  fileprivate var longLists: [ContiguousArray<Edge>] = []
  private var freeLongLists: [Int] = []
  /// The first free block of each size; in each stands where the next one is.
  private var free = InlineArray<32, UInt32>(repeating: none)

  private static let none = UInt32.max
  /// The size of lists that are longer than any block.
  static let long = UInt8.max
  static let longest = 256

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
      free[Int(size)] = edges[Int(block)].position
      return Int(block)
    }
    let place = used
    used += EdgePool.capacity(size)
    if used > edges.count {
      let none = Edge(cell: 0, position: 0)
      edges.append(contentsOf: repeatElement(none, count: EdgePool.longest * 4))
    }
    return place
  }

  private mutating func takeLongList() -> Int {
    if let place = freeLongLists.popLast() { return place }
    longLists.append([])
    return longLists.count - 1
  }

  fileprivate mutating func giveBack(_ block: Int, _ size: UInt8) {
    if size == EdgePool.long {
      longLists[block] = []
      freeLongLists.append(block)
    } else {
      edges[block].position = free[Int(size)]
      free[Int(size)] = UInt32(block)
    }
  }
}
