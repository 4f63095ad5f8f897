import Linux
import Testing

@Suite struct ConcurrencyTests {
  @Test(arguments: [0, 1, 2, 3, 100]) func whatIsMadeIsHandedOverInOrder(count: Int) {
    let elements = Array(0..<count)
    let made = { @Sendable (element: Int) in (0...(element % 7 * 1000)).reduce(element, ^) }
    var taken: [Int] = []
    concurrentMap(elements, made) { taken.append($0) }
    #expect(taken == elements.map(made))
    #expect(concurrentMap(elements, made) == elements.map(made))
  }
}
