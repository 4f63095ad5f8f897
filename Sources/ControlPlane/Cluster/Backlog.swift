internal import Linux

/// How many objects were read that the compile thread has not taken over.
final class Backlog: Sendable {
  private let count = Lock(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  var isFull: Bool { count.withLock { $0 > limit } }
  func add(_ objects: Int) { count.withLock { $0 += objects } }
  func remove(_ objects: Int) { count.withLock { $0 -= objects } }
}
