/// How long to wait after failures in a row: twice as long each time up to a limit, and never the same
/// for two that failed together.
struct Backoff {
  private(set) var failures = 0
  static let first = Duration.milliseconds(500)
  static let longest = Duration.seconds(30)

  mutating func succeeded() { failures = 0 }

  /// The wait after one more failure; at least as long as the server asks for.
  mutating func wait(
    atLeast wanted: Duration = .zero, upTo longest: Duration = Backoff.longest,
    using random: inout some RandomNumberGenerator
  ) -> Duration {
    failures += 1
    let doubled = Backoff.first * (1 << min(failures - 1, 10))
    return max(
      Backoff.jittered(min(doubled, longest), using: &random),
      Backoff.jittered(wanted, upTo: 1.5, using: &random))
  }

  /// Between half of it and all of it, or between it and so many times it.
  static func jittered(
    _ duration: Duration, using random: inout some RandomNumberGenerator
  ) -> Duration { duration * Double.random(in: 0.5...1, using: &random) }

  static func jittered(
    _ duration: Duration, upTo factor: Double, using random: inout some RandomNumberGenerator
  ) -> Duration { duration * Double.random(in: 1...factor, using: &random) }
}
