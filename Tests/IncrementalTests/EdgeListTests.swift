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
        let more = (1...1 + number % 300).map { 100_000 + number * 300 + $0 }
        arrays[list] = arrays[list].suffix(Int(number % 50)) + more
        lists[list].replaceAll(with: arrays[list][...], in: &pool)
      case _ where !arrays[list].isEmpty:
        let last = arrays[list].removeLast()
        #expect(lists[list].number(at: arrays[list].count, in: pool) == last)
        lists[list].remove(last, in: &pool)
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

  /// Lists of what is read grow, shrink and change their order.
  @Test(arguments: UInt64(0)..<10) func everyEdgeHasTwoEndsWhateverIsReadNext(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let graph = Graph()
    let elements = Inputs<Int, Int>(graph)
    for element in 0..<400 { elements.set(element, to: element) }
    let lists = Inputs<Int, [Int]>(graph)
    let sums = Derived<Int, Int>(graph, "sum") { key in
      (lists[key] ?? []).reduce(0) { $0 + (elements[$1] ?? 0) }
    }
    var read = [[Int]](repeating: [], count: 5)
    for key in read.indices { _ = sums.observe(key) }
    for step in 0..<300 {
      let key = Int.random(in: read.indices, using: &random)
      read[key].change(to: 0..<400, using: &random)
      lists.set(key, to: read[key])
      graph.settle()
      guard step % 10 == 0 else { continue }
      let readers = read.indices.map { sums.cell(for: $0) }
      for key in read.indices {
        var numbers: [UInt32] = []
        readers[key].visitDependencies(in: graph) { numbers.append($0) }
        let expected = try read[key].map { try #require(elements.cells.find($0, in: graph)).number }
        #expect(Array(numbers.dropFirst()) == expected, "seed \(seed), step \(step)")
      }
      for element in 0..<400 {
        var dependents: Set<UInt32> = []
        let cell = try #require(elements.cells.find(element, in: graph))
        cell.visitDependents(in: graph) { dependents.insert($0) }
        let expected = read.indices.filter { read[$0].contains(element) }.map { readers[$0].number }
        #expect(dependents == Set(expected), "seed \(seed), step \(step), \(element)")
      }
    }
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

extension [Int] {
  /// Some numbers come, go or change places; none comes twice.
  fileprivate mutating func change(to all: Range<Int>, using random: inout SeededRandom) {
    let some = Int.random(in: 1...60, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      let place = Int.random(in: 0...count, using: &random)
      removeSubrange(place..<Swift.min(count, place + some))
    case 1: shuffle(using: &random)
    case _:
      let place = Int.random(in: 0...count, using: &random)
      let new = all.shuffled(using: &random).filter { !contains($0) }.prefix(some)
      insert(contentsOf: new, at: place)
    }
  }
}
