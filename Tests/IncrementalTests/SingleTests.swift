import Testing

@testable import Incremental

/// Values that there is one of.
@Suite struct SingleTests {
  private let graph = Graph()
  private let settings: Inputs<Int, String>
  private let trimmed: Single<String>
  private let greetings: Derived<Int, String>

  init() {
    let settings = Inputs<Int, String>(graph)
    settings.set(0, to: "hello")
    let trimmed = Single(graph, "trimmed") { (settings[0] ?? "").filter { $0 != " " } }
    greetings = Derived(graph, "greeting") { "\(trimmed()) \($0)" }
    (self.settings, self.trimmed) = (settings, trimmed)
  }

  @Test func whatFollowsIsComputedAgainOnlyWhereItCameOutDifferent() {
    #expect(greetings.observe(1) == "hello 1")
    #expect(greetings.observe(2) == "hello 2")
    settings.set(0, to: "hel lo")
    graph.settle()
    #expect(graph.computed == ["trimmed": 2, "greeting": 2])
    settings.set(0, to: "good day")
    graph.settle()
    #expect(graph.computed == ["trimmed": 3, "greeting": 4])
    #expect(greetings.takeChanges().map(\.value).sorted() == ["goodday 1", "goodday 2"])
  }

  @Test func itIsRememberedWhenNobodyDependsOnIt() {
    _ = greetings.observe(1)
    greetings.unobserve(1)
    graph.settle()
    #expect(greetings.count == 0)
    #expect(trimmed() == "hello")
    #expect(graph.computed["trimmed"] == 1)
    settings.set(0, to: "good")
    #expect(trimmed() == "good")
  }

  /// It says whose value was wrong by its name alone.
  @Test func theAuditNamesIt() {
    _ = greetings.observe(1)
    let labels = (UInt32(0)..<3).map { graph.cell($0).label(in: graph) }
    #expect(labels.contains("trimmed()"))
  }
}
