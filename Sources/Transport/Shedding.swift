/// Which connections of a server that carries more than its share are asked to go, so that they come
/// to its peers: the oldest, a hundredth of the share each second, and none that came lately.
///
/// A replica knows neither its peers nor what they carry. Where all are full those asked come back, and
/// each is asked again no sooner than after ``minimumAge``: a share that is too small costs a reconnect
/// of everyone in that time, and no more.
struct Shedding {
  /// Connections that the server is meant to carry.
  let share: Int
  let minimumAge: Duration
  let pause: Duration

  /// So many of the oldest go, and where more are to go, the next round is at this time.
  struct Round: Equatable {
    let asked: Int
    let next: ContinuousClock.Instant?
  }

  /// `begun` says when each connection that was not asked yet began, the oldest first.
  func round(_ begun: [ContinuousClock.Instant], at now: ContinuousClock.Instant) -> Round {
    let excess = begun.count - share
    guard excess > 0 else { return Round(asked: 0, next: nil) }
    let old = begun.prefix { $0 + minimumAge <= now }.count
    let asked = min(excess, old, max(1, share / 100))
    guard asked < excess else { return Round(asked: asked, next: nil) }
    // Those that are too young are waited for.
    let next = asked < old ? now + pause : max(now + pause, begun[asked] + minimumAge)
    return Round(asked: asked, next: next)
  }
}
