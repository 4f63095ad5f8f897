/// Names a timer, to cancel it.
package struct TimerID: Hashable, Sendable {
  fileprivate let number: UInt64
}

/// What is to be done when: a binary heap. Cancelled timers leave it when their time comes, or when
/// they are most of it.
struct TimerQueue {
  private struct Entry {
    let instant: ContinuousClock.Instant
    let id: TimerID

    /// Timers for the same moment go off in the order they were set.
    func isBefore(_ other: Entry) -> Bool {
      (instant, id.number) < (other.instant, other.id.number)
    }
  }

  private var heap: [Entry] = []
  private var actions: [TimerID: () -> Void] = [:]
  private var lastNumber: UInt64 = 0

  mutating func add(
    _ instant: ContinuousClock.Instant, _ action: @escaping () -> Void
  ) -> TimerID {
    lastNumber += 1
    let id = TimerID(number: lastNumber)
    actions[id] = action
    heap.append(Entry(instant: instant, id: id))
    siftUp(heap.count - 1)
    return id
  }

  mutating func cancel(_ id: TimerID) {
    actions[id] = nil
    if heap.count > 64, heap.count > actions.count * 2 {
      // A sorted array is a heap.
      heap = heap.filter { actions[$0.id] != nil }.sorted { $0.isBefore($1) }
    }
  }

  /// When the next timer may be due; a cancelled one counts.
  var next: ContinuousClock.Instant? { heap.first?.instant }

  mutating func takeDue(at now: ContinuousClock.Instant) -> (() -> Void)? {
    while let first = heap.first, first.instant <= now {
      removeFirst()
      if let action = actions.removeValue(forKey: first.id) { return action }
    }
    return nil
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func removeFirst() {
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].isBefore(heap[least]) {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
