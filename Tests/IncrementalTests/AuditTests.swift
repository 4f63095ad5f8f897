import TestSupport
import Testing

@testable import Incremental

/// Prices of goods in a currency: sums over groups, a list of all, and what is told of them.
private final class Shop {
  let graph = Graph()
  let prices: Inputs<String, Int>
  let shelves: Index<Int, String>
  let sums: Derived<Int, Int>
  let list: Gathered<String, Int, Int>
  let told: Derived<String, String>
  /// What no function may read: the bug that the audit is for.
  var hidden = 1
  lazy var audit = Audit(graph)

  init(readsHidden: Bool = false, keepsPrices: Bool = false) {
    let graph = graph
    let prices = Inputs<String, Int>(graph)
    let shelves = Index<Int, String>(graph)
    shelves.follow(prices) { name, _ in [(name.utf8.count, name)] }
    (self.prices, self.shelves) = (prices, shelves)
    var this: Shop?
    var kept: [String: Int] = [:]
    func price(_ name: String) -> Int {
      guard keepsPrices else { return prices[name] ?? 0 }
      // A cache kept by hand: what is found in it is not read.
      if let price = kept[name] { return price }
      kept[name] = prices[name] ?? 0
      return kept[name] ?? 0
    }
    let sums = Derived<Int, Int>(graph, "sum") { shelf in
      let sum = shelves[shelf].reduce(0) { $0 + price($1) }
      return readsHidden && shelf == 2 ? sum * (this?.hidden ?? 1) : sum
    }
    let list = Gathered<String, Int, Int>(graph, "list", of: sums) { _ in [1, 2, 3] }
    self.sums = sums
    self.list = list
    told = Derived(graph, "told") { name in list(name).map { "\($0)" }.joined(separator: " ") }
    this = self
    for (name, price) in [("a", 1), ("b", 2), ("cc", 3), ("ddd", 4)] { prices.set(name, to: price) }
  }

  /// What a whole round finds.
  func round() -> [Audit.Difference] {
    var found: [Audit.Difference] = []
    while true {
      switch audit.step() {
      case .right: continue
      case .different(let difference): found.append(difference)
      case .end: return found
      }
    }
  }

  func changes() -> [String] {
    graph.settle()
    return told.takeChanges().map { "\($0.key)=\($0.value)" }
  }
}

@Suite struct AuditTests {
  @Test func aValueThatReadsSomethingHiddenIsFoundNamedAndHealed() throws {
    let shop = Shop(readsHidden: true)
    #expect(shop.told.observe("x") == "3 3 4")
    #expect(shop.round().isEmpty)
    shop.hidden = 10
    let found = shop.round()
    #expect(found.map(\.label) == ["sum(2)"] && found.map(\.isWrong) == [true])
    let difference = try #require(found.first)
    #expect(difference.undeclared == [] && difference.needless == [])
    #expect(difference.dependencyCount == 2)
    #expect(difference.path == ["list(x)", "told(x)"])
    #expect(shop.changes() == ["x=3 30 4"])
    #expect(shop.round().isEmpty)
    // And it goes on following what it follows.
    shop.prices.set("cc", to: 5)
    #expect(shop.changes() == ["x=3 50 4"])
  }

  @Test func anObservedValueThatIsWrongItselfIsToldOf() throws {
    let shop = Shop()
    _ = shop.told.observe("x")
    shop.told.spoil("x", with: "nonsense")
    let found = shop.round()
    #expect(found.map(\.label) == ["told(x)"] && found[0].path == [])
    #expect(shop.changes() == ["x=3 3 4"])
    #expect(shop.round().isEmpty)
  }

  @Test func aListThatHoldsAnOldElementIsFound() throws {
    let shop = Shop()
    _ = shop.told.observe("x")
    shop.sums.spoil(3, with: 7)
    // The wrong value is one step of the audit away from the list that has the right one.
    let found = shop.round()
    #expect(found.map(\.label).contains("sum(3)") && found.allSatisfy(\.isWrong))
    #expect(shop.told("x") == "3 3 4")
    _ = shop.changes()
    #expect(shop.round().isEmpty)
  }

  /// Nothing is wrong yet, and what would go wrong with the next change is found.
  @Test func aDependencyThatIsNotRecordedIsNamed() throws {
    let shop = Shop(keepsPrices: true)
    _ = shop.sums.observe(1)
    let sum = Derived<Int, Int>(shop.graph, "both") { shop.sums($0) + shop.sums($0 + 1) }
    _ = sum.observe(1)
    #expect(shop.round().flatMap(\.needless).sorted() == ["Int(a)", "Int(b)", "Int(cc)"])
  }

  @Test func whatIsReadNowAndWasNotBeforeIsNamed() throws {
    let graph = Graph()
    let numbers = Inputs<String, Int>(graph)
    numbers.set("a", to: 1)
    numbers.set("b", to: 1)
    nonisolated(unsafe) var name = "a"
    let value = Derived<Int, Int>(graph, "value") { _ in numbers[name] ?? 0 }
    _ = value.observe(0)
    name = "b"
    let audit = Audit(graph)
    guard case .different(let difference) = audit.step() else {
      Issue.record("the edge is another one")
      return
    }
    #expect(!difference.isWrong && difference.label == "value(0)")
    #expect(difference.undeclared == ["Int(b)"] && difference.needless == ["Int(a)"])
    numbers.set("b", to: 2)
    graph.settle()
    #expect(value.takeChanges().map(\.value) == [2])
  }

  @Test func aMemberThatIsMissingFromItsGroupIsPutBack() throws {
    let shop = Shop()
    _ = shop.told.observe("x")
    #expect(try #require(shop.shelves.cells.find(1, in: shop.graph)).remove("b"))
    let found = shop.round()
    #expect(found.map(\.label) == ["index of String(1)"])
    #expect(found.map(\.undeclared) == [["b"]] && found.map(\.needless) == [[]])
    #expect(found[0].path == ["sum(1)", "list(x)", "told(x)"])
    #expect(shop.shelves[1] == ["a", "b"] && shop.changes() == [])
    #expect(shop.round().isEmpty)
  }

  @Test func aMemberThatIsInAGroupWithoutCauseIsTakenOut() throws {
    let shop = Shop()
    _ = shop.told.observe("x")
    for member in ["b", "ddd", "none"] {
      _ = shop.shelves.cells.find(2, in: shop.graph)?.insert(member)
    }
    let found = shop.round()
    #expect(found.map(\.label) == ["index of String(2)"])
    #expect(found.map(\.needless) == [["b", "ddd", "none"]])
    #expect(shop.shelves[2] == ["cc"] && shop.round().isEmpty)
    #expect(shop.changes() == [])
  }

  /// With no bug there is nothing to find, whatever happened before, and nothing counts as computed.
  @Test(arguments: UInt64(0)..<40) func aRightGraphIsLeftAlone(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let shop = Shop()
    _ = shop.told.observe("x")
    for step in 0..<40 {
      let name = String(
        repeating: "abc".randomElement(using: &random)!, count: .random(in: 1...4, using: &random))
      shop.prices.set(
        name, to: Bool.random(using: &random) ? .random(in: 0..<5, using: &random) : nil)
      if Bool.random(using: &random) { shop.graph.settle() }
      if Bool.random(using: &random) { _ = shop.told("y") }
      let before = shop.graph.computed
      for _ in 0..<Int.random(in: 0..<12, using: &random) {
        if case .different(let difference) = shop.audit.step() {
          Issue.record("seed \(seed), step \(step): \(difference)")
        }
      }
      #expect(shop.graph.computed == before, "seed \(seed), step \(step)")
    }
  }
}
