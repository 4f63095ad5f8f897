import Linux
import TestSupport
import Testing

@testable import Transport

@Suite struct ServerLoadsTests {
  @Test func theServerWithTheFewestGetsTheNext() {
    let loads = ServerLoads(servers: 3)
    #expect((0..<6).map { _ in loads.take(limit: 100) } == [0, 1, 2, 0, 1, 2])
    loads.giveBack(by: 1)
    loads.giveBack(by: 1)
    #expect((0..<3).map { _ in loads.take(limit: 100) } == [1, 1, 0])
    #expect(loads.now == [3, 2, 2])
    #expect(loads.take(limit: 7) == nil)
    loads.giveBack(by: 0)
    #expect(loads.take(limit: 7) == 0)
  }

  /// Whatever threads do at once, nothing is counted twice or lost, and none has more than its share
  /// while nobody leaves.
  @Test func threadsCountAtOnce() throws {
    let loads = ServerLoads(servers: 4)
    let threads = try (0..<4).map { number in
      try Thread(name: "counter") {
        var random = SeededRandom(seed: UInt64(number))
        var held: [Int] = []
        for _ in 0..<2000 {
          if Bool.random(using: &random), let place = held.popLast() {
            loads.giveBack(by: place)
          } else if let place = loads.take(limit: 100_000) {
            held.append(place)
          }
        }
        for place in held { loads.giveBack(by: place) }
      }
    }
    for thread in threads { thread.join() }
    #expect(loads.now == [0, 0, 0, 0])
  }
}
