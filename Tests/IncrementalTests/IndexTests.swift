import Incremental
import TestSupport
import Testing

@Suite struct IndexTests {
  /// Groups long enough that additions wait for a reader, members in several groups, and reads now and
  /// then, by a function that must hear of each change.
  @Test(arguments: UInt64(0)..<100) func aGroupIsTheSortedSetOfItsMembers(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let graph = Graph()
    let inputs = Inputs<Int, Int>(graph)
    let index = Index<Int, Int>(graph)
    index.follow(inputs) { key, value in [(value % 2, key)] }
    let lists = Derived<Int, [Int]>(graph, "list") { index[$0] }
    var values: [Int: Int] = [:]
    for step in 1...300 {
      let key = Int.random(in: 0..<120, using: &random)
      values[key] = Int.random(in: 0..<4, using: &random) == 0 ? nil : step
      inputs.set(key, to: values[key])
      guard Int.random(in: 0..<8, using: &random) == 0 else { continue }
      for group in 0..<2 {
        let expected = values.filter { $0.value % 2 == group }.keys.sorted()
        #expect(lists(group) == expected, "seed \(seed), step \(step), group \(group)")
      }
      graph.settle()
    }
  }

  /// Values may be asked for between two settlings. What was read then and left again is swept later,
  /// and takes nothing with it that has come in its place.
  @Test func whatIsSweptLateLeavesItsSuccessorAlone() {
    let graph = Graph()
    let looks = Inputs<Int, Bool>(graph)
    let inputs = Inputs<Int, Int>(graph)
    let index = Index<Int, Int>(graph)
    index.follow(inputs) { key, value in [(value, key)] }
    let reader = Derived<Int, [Int]>(graph, "reader") { looks[$0] == true ? index[1] : [] }
    looks.set(0, to: true)
    inputs.set(7, to: 1)
    #expect(reader.observe(0) == [7])
    looks.set(0, to: false)
    #expect(reader(0) == [])
    // The group nobody reads empties, and comes back with a reader before the graph settles.
    inputs.set(7, to: nil)
    inputs.set(5, to: 1)
    looks.set(0, to: true)
    #expect(reader(0) == [5])
    graph.settle()
    inputs.set(6, to: 1)
    #expect(reader(0) == [5, 6])
  }

  /// What follows an index that a computation makes when it first needs it hears of all that comes later.
  @Test func aComputationMayMakeTheIndexItReads() {
    let graph = Graph()
    let inputs = Inputs<Int, Int>(graph)
    for key in 0..<50 { inputs.set(key, to: key % 2) }
    var index: Index<Int, Int>?
    let lists = Derived<Int, [Int]>(graph, "list") { group in
      let made = index ?? Index<Int, Int>(graph)
      if index == nil { made.follow(inputs) { key, value in [(value, key)] } }
      index = made
      return made[group]
    }
    let sums = Derived<Int, Int>(graph, "sum") { lists($0).reduce(0, +) }
    #expect(sums.observe(0) == 600)
    inputs.set(3, to: 0)
    graph.settle()
    #expect(sums.takeChanges().map(\.value) == [603])
    #expect(lists(1).count == 24)
    inputs.set(3, to: nil)
    graph.settle()
    #expect(sums.takeChanges().map(\.value) == [600])
  }
}
