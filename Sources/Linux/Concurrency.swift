private import Glibc

/// How many processors this process may use; at least one.
package let processorCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

/// What `body` makes of each element, in order, worked out on as many threads as there are processors, the
/// caller's among them. Returns when all are done.
package func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @escaping @Sendable (Element) -> Result
) -> [Result] {
  var results: [Result] = []
  results.reserveCapacity(elements.count)
  concurrentMap(elements, body) { results.append($0) }
  return results
}

/// Hands over what `body` makes of each element, in order, on the caller's thread: what is made already
/// while other threads make more, and while there is nothing to hand over that thread makes some too.
package func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @escaping @Sendable (Element) -> Result,
  take: (Result) -> Void
) {
  guard elements.count > 1, processorCount > 1 else {
    for element in elements { take(body(element)) }
    return
  }
  let progress = Lock(Progress<Result>(count: elements.count))
  let helpers = (1..<min(processorCount, elements.count)).compactMap { number in
    // Without another thread the caller's does all.
    try? Thread(name: "reader \(number)") {
      while let index = progress.withLock({ $0.begin() }) {
        let result = body(elements[index])
        progress.withLock { $0.made[index] = result }
      }
    }
  }
  for place in elements.indices {
    var result = progress.withLock { $0.made.removeValue(forKey: place) }
    while result == nil {
      if let index = progress.withLock({ $0.begin() }) {
        let other = body(elements[index])
        progress.withLock { $0.made[index] = other }
      } else {
        // Others have it in hand.
        for helper in helpers { helper.join() }
      }
      result = progress.withLock { $0.made.removeValue(forKey: place) }
    }
    if let result { take(result) }
  }
  for helper in helpers { helper.join() }
}

/// How far several threads have come with a list.
private struct Progress<Result: Sendable>: Sendable {
  let count: Int
  private var next = 0
  /// What nobody has taken yet, by its place.
  var made: [Int: Result] = [:]

  init(count: Int) { self.count = count }

  /// The next to be made; nil where all are, or are in hand.
  mutating func begin() -> Int? {
    guard next < count else { return nil }
    defer { next += 1 }
    return next
  }
}
