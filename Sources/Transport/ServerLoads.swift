internal import Linux

/// How many connections each of several servers has, each on its own thread: by this the next one is
/// given to the server that has the fewest.
package final class ServerLoads: Sendable {
  private let counts: Lock<[Int]>

  package init(servers: Int) { counts = Lock(Array(repeating: 0, count: servers)) }

  /// Counts a connection in for the server with the fewest, and answers which; nil if all together have
  /// `limit`.
  package func take(limit: Int) -> Int? {
    counts.withLock { counts in
      guard counts.reduce(0, +) < limit else { return nil }
      var least = 0
      for server in counts.indices where counts[server] < counts[least] { least = server }
      counts[least] += 1
      return least
    }
  }

  /// A connection that was counted in has gone.
  package func giveBack(by server: Int) { counts.withLock { $0[server] -= 1 } }

  /// How many connections there are, server by server.
  package var now: [Int] { counts.withLock { $0 } }
}
