/// The version that an Envoy's node states.
struct EnvoyVersion: Comparable {
  let major: Int
  let minor: Int

  /// Nil for what is none, as `dev`.
  init?(_ text: String) {
    let numbers = text.split(separator: ".").prefix(2).map { Int($0) }
    guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    self.init(major: major, minor: minor)
  }

  private init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

  /// Envoy takes virtual hosts over an aggregated stream; older ones want a stream for them alone, and
  /// refuse a route configuration that says otherwise. 1.40 is what was tried.
  var takesVirtualHosts: Bool { self >= EnvoyVersion(major: 1, minor: 40) }
}
