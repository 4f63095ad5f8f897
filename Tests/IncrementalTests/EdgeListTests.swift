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
      // No number comes twice.
      let number = UInt32(step)
      // Lists grow for a while, past the longest block, and shrink again.
      switch (step / 1000 % 2, Int.random(in: 0..<8, using: &random)) {
      case (0, 0..<6), (1, 0..<2):
        lists[list].append(number, in: &pool)
        arrays[list].append(number)
      case (_, 6) where !arrays[list].isEmpty:
        let place = Int.random(in: arrays[list].indices, using: &random)
        lists[list].remove(arrays[list][place], in: &pool)
        let last = arrays[list].removeLast()
        if place < arrays[list].count { arrays[list][place] = last }
      case (0, 7):
        lists[list].reserve(arrays[list].count + Int(number % 300), in: &pool)
      case _ where !arrays[list].isEmpty:
        #expect(lists[list].removeLast(in: &pool) == arrays[list].removeLast())
      case _: break
      }
      guard step % 10 == 0 else { continue }
      for (list, array) in zip(lists, arrays) {
        var numbers: [UInt32] = []
        for place in 0..<list.count(in: pool) { numbers.append(list.number(at: place, in: pool)) }
        #expect(numbers == array, "seed \(seed), step \(step)")
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

  @Test func whatIsReadInTwoStretchesIsOneDependency() {
    let graph = Graph()
    let numbers = Inputs<Int, Int>(graph)
    numbers.set(1, to: 5)
    let doubled = Derived<Int, Int>(graph, "doubled") { $0 + 2 * (numbers[1] ?? 0) }
    let sums = Derived<Int, Int>(graph, "sum") { count in
      (0..<count).reduce(0) { $0 + (numbers[1] ?? 0) + doubled($1) }
    }
    let cell = sums.cell(for: 300)
    var read: [UInt32] = []
    cell.visitDependencies(in: graph) { read.append($0) }
    #expect(read.count == 301 && Set(read).count == 301)
  }

  /// More depend on one input than a block holds, and stop to one by one.
  @Test(arguments: UInt64(0)..<4) func whoStopsToDependIsNotComputedAgain(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let graph = Graph()
    let numbers = Inputs<Int, Int>(graph)
    let isFollowing = Inputs<Int, Bool>(graph)
    let values = Derived<Int, Int>(graph, "value") { key in
      isFollowing[key] == true ? key + (numbers[0] ?? 0) : -1
    }
    var following = Set(0..<1000)
    for key in following { isFollowing.set(key, to: true) }
    for key in 0..<1000 { _ = values.observe(key) }
    for round in 1...20 {
      for key in (0..<1000).shuffled(using: &random).prefix(100) {
        if following.remove(key) == nil, round % 3 == 0 { following.insert(key) }
        isFollowing.set(key, to: following.contains(key))
      }
      graph.settle()
      _ = values.takeChanges()
      let before = graph.totalComputed
      numbers.set(0, to: round)
      graph.settle()
      #expect(Set(values.takeChanges().map(\.key)) == following, "seed \(seed), round \(round)")
      #expect(graph.totalComputed - before == following.count)
    }
  }
}
