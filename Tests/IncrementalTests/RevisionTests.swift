import Testing

@testable import Incremental

/// Revisions take four bytes, and begin anew when those are used up.
@Suite struct RevisionTests {
  private let graph = Graph()
  private let numbers: Inputs<Int, Int>
  private let doubled: Derived<Int, Int>
  private let list: Gathered<String, Int, Int>

  init() {
    let graph = graph
    let numbers = Inputs<Int, Int>(graph)
    let doubled = Derived<Int, Int>(graph, "doubled") { (numbers[$0] ?? 0) * 2 }
    list = Gathered(graph, "list", of: doubled) { _ in Array(0..<8) }
    (self.numbers, self.doubled) = (numbers, doubled)
    for key in 0..<8 { numbers.set(key, to: key) }
  }

  @Test(arguments: [1, 6]) func whatWasMarkedBeforeIsComputedAgainAndNothingElse(changed: Int) {
    _ = (doubled.observe(7), list.kept("all"))
    graph.age(to: .max - UInt32(changed))
    // Nobody settles or asks: these are marked when the last of them begins revisions anew.
    for key in 0..<changed { numbers.set(key, to: 10) }
    let before = graph.totalComputed
    numbers.set(7, to: 100)
    #expect(graph.revision == 2)
    graph.settle()
    #expect(doubled.takeChanges().map(\.value) == [200])
    #expect(list.kept("all") == (0..<7).map { $0 < changed ? 20 : $0 * 2 } + [200])
    #expect(graph.totalComputed - before == changed + 1)
  }

  @Test func whatIsUnchangedIsNoNews() {
    _ = (doubled.observe(3), doubled.observe(4))
    graph.settle()
    graph.age(to: .max)
    numbers.set(4, to: 5)
    graph.settle()
    #expect(doubled.takeChanges().map(\.key) == [4])
    #expect(doubled(3) == 6)
  }
}
