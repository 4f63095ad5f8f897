import TestSupport
import Testing

@testable import Incremental

@Suite struct NumberListTests {
  @Test(arguments: UInt64(0)..<20) func listsHoldWhatArraysWould(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var pool = NumberPool()
    var lists = [NumberList](repeating: NumberList(), count: 4)
    var arrays = [[UInt32]](repeating: [], count: 4)
    for step in 0..<5000 {
      let list = Int.random(in: 0..<4, using: &random)
      if Int.random(in: 0..<(step < 2500 ? 1000 : 20), using: &random) == 0 {
        lists[list].removeAll(from: &pool)
        arrays[list] = []
      } else {
        let number = UInt32.random(in: 0..<1000, using: &random)
        lists[list].insert(number, into: &pool)
        arrays[list].append(number)
      }
      #expect(lists[list].isEmpty == arrays[list].isEmpty)
      guard step % 50 == 0 else { continue }
      for (list, array) in zip(lists, arrays) {
        #expect(list.all(in: pool) == array, "seed \(seed), step \(step)")
      }
    }
  }
}
