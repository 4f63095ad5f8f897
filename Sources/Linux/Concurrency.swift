private import Glibc

/// How many processors this process may use; at least one.
package let processorCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

/// What `body` makes of each element, in order, worked out on as many threads as there are processors, the
/// caller's among them. Returns when all are done.
package func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @escaping @Sendable (Element) -> Result
) -> [Result] {
  guard elements.count > 1, processorCount > 1 else { return elements.map(body) }
  let next = Lock(0)
  let results = Lock([Result?](repeating: nil, count: elements.count))
  let work: @Sendable () -> Void = {
    while true {
      let index = next.withLock { next in
        defer { next += 1 }
        return next
      }
      guard index < elements.count else { return }
      let result = body(elements[index])
      results.withLock { $0[index] = result }
    }
  }
  let helpers = (1..<min(processorCount, elements.count)).compactMap { index in
    // Without another thread the caller's does all.
    try? Thread(name: "reader \(index)", work)
  }
  work()
  for helper in helpers { helper.join() }
  return results.withLock { $0.compactMap(\.self) }
}
