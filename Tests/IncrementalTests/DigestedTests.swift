import Incremental
import Testing

/// Keys are told apart by what they are, whatever their digests say.
@Suite struct DigestedTests {
  /// All of a family collide.
  private struct Clashing: Digested {
    let number: Int
    var digest: UInt64 { UInt64(number % 2) }
  }

  @Test func keysThatCollideAreDifferentKeys() {
    let graph = Graph()
    let numbers = Inputs<Clashing, Int>(graph)
    let halves = Index<Clashing, Int>(graph)
    halves.follow(numbers) { key, value in [(Clashing(number: value / 2), key.number)] }
    let doubled = Derived<Clashing, Int>(graph, "doubled") { (numbers[$0] ?? 0) * 2 }
    for number in 0..<100 { numbers.set(Clashing(number: number), to: number) }
    for number in 0..<100 {
      #expect(doubled(Clashing(number: number)) == number * 2)
      let expected = number < 50 ? [number * 2, number * 2 + 1] : []
      #expect(halves[Clashing(number: number)] == expected)
    }
    for number in 0..<100 where number % 3 > 0 { numbers.set(Clashing(number: number), to: nil) }
    graph.settle()
    for number in 0..<100 {
      #expect(numbers.current(Clashing(number: number)) == (number % 3 == 0 ? number : nil))
      #expect(doubled(Clashing(number: number)) == (number % 3 == 0 ? number * 2 : 0))
    }
  }

  @Test func digestsOfPairsDependOnBothAndTheirOrder() {
    let digests = (0..<100).flatMap { a in (0..<100).map { UInt64(a).mixed(with: UInt64($0)) } }
    #expect(Set(digests).count == digests.count)
    #expect(Set(digests.map { UInt32(truncatingIfNeeded: $0) }).count > digests.count - 10)
  }

  @Test func askingWhetherAGroupIsEmptyDependsOnIt() {
    let graph = Graph()
    let numbers = Inputs<Int, Int>(graph)
    let groups = Index<Int, Int>(graph)
    groups.follow(numbers) { key, value in [(value, key)] }
    let isEmpty = Derived<Int, Bool>(graph, "isEmpty") { groups.isEmpty($0) }
    #expect(isEmpty(7))
    numbers.set(1, to: 7)
    #expect(!isEmpty(7))
    numbers.set(1, to: 8)
    #expect(isEmpty(7))
    #expect(!isEmpty(8))
  }
}
