internal import Delivery

/// Which clients have been behind for too long, found by looking at all of them once in a while.
struct SlowClients {
  /// Those that were found slow since the last look.
  struct News: Sendable {
    let count: Int
    /// The one that is furthest behind.
    let proxy: String
    let behind: Duration
    let push: UInt64?
  }

  private(set) var areAnyBehind = false
  private var streams: Set<StreamNumber> = []
  private var isAwaited = false

  var count: Int { streams.count }

  /// Whether a look is to be taken in a while that nobody has begun to wait for.
  mutating func begin() -> Bool {
    defer { isAwaited = true }
    return !isAwaited
  }

  /// Takes all clients that are behind now; answers what is new.
  mutating func look(
    at clients: some Sequence<(StreamNumber, String, Lag)>, now: Duration
  ) -> News? {
    isAwaited = false
    areAnyBehind = false
    var slow: Set<StreamNumber> = []
    var fresh = 0
    var worst: (proxy: String, lag: Lag)?
    for (stream, proxy, lag) in clients {
      areAnyBehind = true
      guard now - lag.since >= Limits.slowAfter else { continue }
      slow.insert(stream)
      guard !streams.contains(stream) else { continue }
      fresh += 1
      if worst.map({ lag.since < $0.lag.since }) ?? true { worst = (proxy, lag) }
    }
    streams = slow
    return worst.map {
      News(count: fresh, proxy: $0.proxy, behind: now - $0.lag.since, push: $0.lag.push)
    }
  }
}

extension SlowClients.News {
  /// For the log; `push` is the one that they have not taken.
  func sentence(push: String?) -> String {
    let others = count == 1 ? "" : " and \(count - 1) more"
    return "\(proxy)\(others) have not taken or not answered for"
      + " \(behind.components.seconds) s what they are sent"
      + (push.map { ", since \($0)" } ?? "")
  }
}
