import TestSupport
import Testing

@testable import Transport

@Suite struct TimerQueueTests {
  /// Set, cancelled and gone off in any order, against a list that is searched from end to end.
  @Test(arguments: UInt64(0)..<200) func timersGoOffInOrderAndOnce(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let start = ContinuousClock.now
    var queue = TimerQueue()
    var expected: [(instant: ContinuousClock.Instant, number: Int, id: TimerID)] = []
    var fired: [Int] = []
    var now = start
    for number in 0..<500 {
      switch random.next() % 4 {
      case 0, 1:
        let instant = start + .milliseconds(Int64(random.next() % 1000))
        let id = queue.add(instant) { fired.append(number) }
        expected.append((instant, number, id))
      case 2:
        guard let index = expected.indices.randomElement(using: &random) else { continue }
        queue.cancel(expected.remove(at: index).id)
      default:
        now = now + .milliseconds(Int64(random.next() % 20))
        fired = []
        while let action = queue.takeDue(at: now) { action() }
        let due = expected.filter { $0.instant <= now }
          .sorted { ($0.instant, $0.number) < ($1.instant, $1.number) }
        #expect(fired == due.map(\.number), "seed \(seed), step \(number)")
        expected.removeAll { $0.instant <= now }
        if let first = expected.map(\.instant).min() {
          #expect(queue.next.map { $0 <= first } == true, "seed \(seed), step \(number)")
        }
      }
    }
  }

  @Test func anActionMaySetAndCancelTimers() {
    var queue = TimerQueue()
    let now = ContinuousClock.now
    var fired: [String] = []
    let later = queue.add(now + .seconds(1)) { fired.append("later") }
    _ = queue.add(now) { fired.append("now") }
    while let action = queue.takeDue(at: now) {
      action()
      queue.cancel(later)
      if fired.count < 3 { _ = queue.add(now) { fired.append("again") } }
    }
    #expect(fired == ["now", "again", "again"])
    #expect(queue.takeDue(at: now + .seconds(2)) == nil)
  }
}
