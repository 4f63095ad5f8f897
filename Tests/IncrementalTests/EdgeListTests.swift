import TestSupport
import Testing

@testable import Incremental

/// Lists of all lengths share a pool; each must hold what an array would.
@Suite struct EdgeListTests {
  @Test(arguments: UInt64(0)..<30) func listsHoldWhatArraysWould(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var pool = EdgePool()
    var lists = [EdgeList](repeating: EdgeList(), count: 5)
    var arrays = [[UInt32]](repeating: [], count: 5)
    for step in 0..<4000 {
      let list = Int.random(in: 0..<5, using: &random)
      let number = UInt32.random(in: 0..<1000, using: &random)
      // Lists grow for a while, past the longest block, and shrink again.
      switch (step / 1000 % 2, Int.random(in: 0..<8, using: &random)) {
      case (0, 0..<6), (1, 0..<2):
        lists[list].append(Edge(cell: number, position: number + 1), in: &pool)
        arrays[list].append(number)
      case (_, 6) where !arrays[list].isEmpty:
        let place = Int.random(in: arrays[list].indices, using: &random)
        lists[list].replace(at: place, by: Edge(cell: number, position: 7), in: &pool)
        arrays[list][place] = number
      case (0, 7):
        lists[list].reserve(arrays[list].count + Int(number % 300), in: &pool)
      case _ where !arrays[list].isEmpty:
        #expect(lists[list].removeLast(in: &pool).cell == arrays[list].removeLast())
      case _: break
      }
      guard step % 10 == 0 else { continue }
      for (list, array) in zip(lists, arrays) {
        var cells: [UInt32] = []
        for place in 0..<list.count(in: pool) { cells.append(list.edge(at: place, in: pool).cell) }
        #expect(cells == array, "seed \(seed), step \(step)")
      }
    }
  }

  @Test func blocksHaveRoomForWhatTheyAreTakenFor() {
    for count in 1...EdgePool.longest {
      let size = EdgePool.size(for: count)
      #expect(EdgePool.capacity(size) >= count)
      if size > 0 { #expect(EdgePool.capacity(size - 1) < count) }
    }
    #expect(EdgePool.size(for: EdgePool.longest + 1) == EdgePool.long)
  }
}
