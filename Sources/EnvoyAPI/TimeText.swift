/// Durations and timestamps as protobuf's JSON mapping writes them, and read back.
enum TimeText {
  /// `1.500s`: no fraction, or three, six or nine digits.
  static func duration(_ seconds: Int64, _ nanoseconds: Int32) -> String {
    let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
    return "\(sign)\(seconds.magnitude)\(fraction(nanoseconds.magnitude))s"
  }

  /// `2024-01-31T12:00:00Z`, in UTC (RFC 3339).
  static func timestamp(_ seconds: Int64, _ nanoseconds: Int32) -> String {
    let days = Int64(floorDivide(seconds, 86_400))
    let second = seconds - days * 86_400
    let (year, month, day) = date(daysSince1970: days)
    let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
      + time.joined(separator: ":") + fraction(nanoseconds.magnitude) + "Z"
  }

  /// Nil for text that is no duration within protobuf's range of ±10,000 years.
  static func parseDuration(_ text: String) -> (seconds: Int64, nanoseconds: Int32)? {
    var rest = text.utf8[...]
    guard rest.popLast() == UInt8(ascii: "s") else { return nil }
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let seconds = digits(parts[0]),
      seconds <= 315_576_000_000
    else { return nil }
    guard let nanoseconds = parts.count == 2 ? nanoseconds(parts[1]) : 0 else { return nil }
    return isNegative ? (-seconds, -nanoseconds) : (seconds, nanoseconds)
  }

  /// Nil for text that is no time of RFC 3339.
  static func parseTimestamp(_ text: String) -> (seconds: Int64, nanoseconds: Int32)? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == UInt8(ascii: "T"),
      bytes[13] == 0x3A, bytes[16] == 0x3A, let year = digits(bytes[0..<4]),
      let month = digits(bytes[5..<7]), let day = digits(bytes[8..<10]),
      let hour = digits(bytes[11..<13]), let minute = digits(bytes[14..<16]),
      let second = digits(bytes[17..<19]), (1...12).contains(month), (1...31).contains(day),
      year > 0, hour < 24, minute < 60, second < 60
    else { return nil }
    var at = 19
    var nanoseconds: Int32 = 0
    if bytes[at] == UInt8(ascii: ".") {
      let end = bytes[(at + 1)...].firstIndex { !isDigit($0) } ?? bytes.count
      guard let parsed = self.nanoseconds(bytes[(at + 1)..<end]) else { return nil }
      nanoseconds = parsed
      at = end
    }
    guard let offset = offset(bytes[at...]) else { return nil }
    let days = daysSince1970(year, month, day)
    return (days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanoseconds)
  }

  /// Seconds east of UTC.
  private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
    let bytes = Array(text)
    if bytes == [UInt8(ascii: "Z")] { return 0 }
    guard bytes.count == 6, bytes[3] == 0x3A, let hours = digits(bytes[1..<3]),
      let minutes = digits(bytes[4..<6]), bytes[0] == 0x2B || bytes[0] == 0x2D
    else { return nil }
    return (bytes[0] == 0x2B ? 1 : -1) * (hours * 3600 + minutes * 60)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func digits(_ text: some Collection<UInt8>) -> Int64? {
    guard !text.isEmpty, text.count <= 12, text.allSatisfy(isDigit) else { return nil }
    return text.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }

  private static func nanoseconds(_ text: some Collection<UInt8>) -> Int32? {
    guard (1...9).contains(text.count), let number = digits(text) else { return nil }
    return Int32((text.count..<9).reduce(number) { value, _ in value * 10 })
  }

  private static func fraction(_ nanoseconds: UInt32) -> String {
    if nanoseconds == 0 { return "" }
    let digits = padded(Int64(nanoseconds), 9)
    if nanoseconds % 1_000_000 == 0 { return "." + digits.prefix(3) }
    return "." + (nanoseconds % 1_000 == 0 ? digits.prefix(6) : digits.prefix(9))
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    a / b - (a % b < 0 ? 1 : 0)
  }

  /// The civil calendar, by Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
  private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }

  private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
