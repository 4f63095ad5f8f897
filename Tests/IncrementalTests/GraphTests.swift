import Incremental
import TestSupport
import Testing

/// A small world in which each kind of value stands: a sum over the members of a group, its parity
/// (early cutoff), and a report that gathers parities.
private struct World {
  let graph = Graph()
  let numbers: Inputs<Int, Int>
  let reported: Inputs<String, [Int]>
  let groups: Index<Int, Int>
  let sums: Derived<Int, Int>
  let parities: Derived<Int, Bool>
  let report: Gathered<String, Int, Bool>
  let summary: Derived<String, String>

  init() {
    let graph = graph
    let numbers = Inputs<Int, Int>(graph)
    let reported = Inputs<String, [Int]>(graph)
    let groups = Index<Int, Int>(graph)
    groups.follow(numbers) { key, value in [(value % 3, key), (3 + value % 2, key)] }
    let sums = Derived<Int, Int>(graph, "sum") { group in
      groups[group].reduce(0) { $0 + (numbers[$1] ?? 0) }
    }
    let parities = Derived<Int, Bool>(graph, "parity") { sums($0) % 2 == 0 }
    let report = Gathered<String, Int, Bool>(graph, "report", of: parities) { reported[$0] ?? [] }
    let summary = Derived<String, String>(graph, "summary") { name in
      report(name).map { $0 ? "even" : "odd" }.joined(separator: " ")
    }
    (self.numbers, self.reported, self.groups) = (numbers, reported, groups)
    (self.sums, self.parities, self.report, self.summary) = (sums, parities, report, summary)
  }
}

/// The same answer by plain loops over plain dictionaries.
private func expected(_ numbers: [Int: Int], _ list: [Int]) -> String {
  list.map { group in
    numbers.values.filter { $0 % 3 == group || 3 + $0 % 2 == group }.reduce(0, +) % 2 == 0
      ? "even" : "odd"
  }.joined(separator: " ")
}

@Suite struct GraphTests {
  @Test func aValueThatChangedTwiceIsToldOnceAndAsItIs() {
    let world = World()
    world.reported.set("a", to: [0])
    world.reported.set("b", to: [1])
    _ = (world.summary.observe("a"), world.summary.observe("b"))
    for numbers in [[1: 3], [1: 4]] {
      for (key, number) in numbers { world.numbers.set(key, to: number) }
      world.graph.settle()
    }
    let told = world.summary.takeChanges()
    #expect(Set(told.map(\.key)).count == told.count)
    for (key, value) in told { #expect(value == world.summary(key)) }
    #expect(!told.isEmpty && world.summary.takeChanges().isEmpty)
  }

  @Test func whatNobodyObservesAnyMoreIsNotTold() {
    let world = World()
    world.reported.set("a", to: [0])
    _ = world.summary.observe("a")
    world.numbers.set(1, to: 3)
    world.graph.settle()
    world.summary.unobserve("a")
    world.graph.settle()
    #expect(world.summary.takeChanges().isEmpty)
    // Observed anew, it is told of what changes from then on.
    _ = world.summary.observe("a")
    #expect(world.summary.takeChanges().isEmpty)
    world.numbers.set(1, to: 6)
    world.graph.settle()
    #expect(world.summary.takeChanges().map(\.value) == ["even"])
  }

  @Test(arguments: UInt64(0)..<200) func aChangeAtATimeEqualsStartingOver(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let world = World()
    var numbers: [Int: Int] = [:]
    var lists: [String: [Int]] = [:]
    var heard: [String: String] = [:]
    for name in ["a", "b"] { heard[name] = world.summary.observe(name) }
    for step in 1...60 {
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        if Int.random(in: 0..<4, using: &random) == 0 {
          let name = ["a", "b", "c"].randomElement(using: &random)!
          let list = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            Int.random(in: 0..<5, using: &random)
          }
          lists[name] = list
          world.reported.set(name, to: list)
        } else {
          let key = Int.random(in: 0..<6, using: &random)
          let value = Bool.random(using: &random) ? Int.random(in: 0..<12, using: &random) : nil
          numbers[key] = value
          world.numbers.set(key, to: value)
        }
      }
      if Bool.random(using: &random) {
        #expect(
          world.summary("c") == expected(numbers, lists["c"] ?? []), "seed \(seed), step \(step)")
      }
      world.graph.settle()
      for (name, value) in world.summary.takeChanges() { heard[name] = value }
      for name in ["a", "b"] {
        #expect(
          heard[name] == expected(numbers, lists[name] ?? []), "seed \(seed), step \(step), \(name)"
        )
      }
    }
  }

  @Test func anEqualValueStopsTheChangeThere() {
    let world = World()
    world.numbers.set(1, to: 4)
    world.reported.set("a", to: [1, 3])
    _ = world.summary.observe("a")
    let before = world.graph.computed
    world.numbers.set(1, to: 10)  // the same groups, the same parity
    world.graph.settle()
    #expect(world.graph.computed["sum"]! - before["sum"]! == 2)
    #expect(world.graph.computed["summary"] == before["summary"])
    #expect(world.summary.takeChanges().isEmpty)
  }

  @Test func aChangeThatSomeoneReadBeforeItSettledIsStillTold() {
    let world = World()
    world.reported.set("a", to: [1])
    _ = world.summary.observe("a")
    world.numbers.set(1, to: 1)
    #expect(world.summary("a") == "odd")
    world.graph.settle()
    #expect(world.summary.takeChanges().map(\.value) == ["odd"])
  }

  @Test func oneElementOfAThousandIsComputedAlone() {
    let world = World()
    let graph = Graph()
    let inputs = Inputs<Int, Int>(graph)
    let doubled = Derived<Int, Int>(graph, "doubled") { (inputs[$0] ?? 0) * 2 }
    let all = Gathered<Int, Int, Int>(graph, "all", of: doubled) { Array(0..<$0) }
    let total = Derived<Int, Int>(graph, "total") { all($0).reduce(0, +) }
    for key in 0..<1000 { inputs.set(key, to: key) }
    #expect(total.observe(1000) == 999_000)
    let before = graph.totalComputed
    inputs.set(500, to: 0)
    graph.settle()
    #expect(total(1000) == 998_000)
    #expect(graph.totalComputed - before == 2)
    _ = world
  }

  @Test func whatNobodyReadsIsForgotten() {
    let world = World()
    for key in 0..<6 { world.numbers.set(key, to: key) }
    world.reported.set("a", to: [0, 1, 2])
    _ = world.summary.observe("a")
    world.graph.settle()
    #expect(world.parities.count == 3)
    world.reported.set("a", to: [1])
    world.graph.settle()
    #expect(world.parities.count == 1)
    #expect(world.sums.count == 1)
    world.summary.unobserve("a")
    world.graph.settle()
    #expect(world.summary.count + world.sums.count + world.parities.count == 0)
  }
}
