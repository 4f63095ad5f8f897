private import Glibc

/// The time of day, for people to read.
package enum WallClock {
  /// RFC 3339 in UTC to the millisecond: `2026-01-31T09:30:00.125Z`.
  package static var timestamp: String { timestamp(ago: .zero) }

  /// The same of a moment that long ago.
  package static func timestamp(ago age: Duration) -> String { text(ago: age, fractionDigits: 3) }

  /// The same to the microsecond, with all six digits, as Kubernetes' `MicroTime` wants it.
  package static var microseconds: String { text(ago: .zero, fractionDigits: 6) }

  private static func text(ago age: Duration, fractionDigits: Int) -> String {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    let then =
      Duration.seconds(now.tv_sec) + .nanoseconds(now.tv_nsec) - max(.zero, age)
    now.tv_sec = Int(then.components.seconds)
    now.tv_nsec = Int(then.components.attoseconds / 1_000_000_000)
    var parts = unsafe tm()
    unsafe gmtime_r(&now.tv_sec, &parts)
    let date = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday]
    let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
    func digits(_ number: some BinaryInteger, _ width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(digits(date[0], 4))-\(digits(date[1], 2))-\(digits(date[2], 2))T"
      + time.map { digits($0, 2) }.joined(separator: ":")
      + ".\(digits(now.tv_nsec, 9).prefix(fractionDigits))Z"
  }
}

extension WallClock {
  package static var secondsSince1970: Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec)
  }
}
