extension Bool {
  /// A truth value as Go's `strconv.ParseBool` reads it.
  init?(goText text: String) {
    switch text {
    case "1", "t", "T", "TRUE", "true", "True": self = true
    case "0", "f", "F", "FALSE", "false", "False": self = false
    default: return nil
    }
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

extension Timestamp {
  /// A time as RFC 3339 §5.6 writes it; fractions of a second are dropped.
  package init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20 else { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      bytes[range].allSatisfy(isDigit)
        ? bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } : nil
    }
    guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      "Tt ".utf8.contains(bytes[10]), bytes[13] == UInt8(ascii: ":"),
      bytes[16] == UInt8(ascii: ":"),
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var zone = 19
    if bytes[zone] == UInt8(ascii: ".") {
      zone += 1
      while zone < bytes.count, isDigit(bytes[zone]) { zone += 1 }
    }
    guard let offset = Self.offset(bytes[zone...]) else { return nil }
    self.init(
      secondsSince1970: Self.days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
        - offset)
  }

  /// Seconds east of Greenwich: of `Z` or `+01:30`.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
    if bytes.count == 1 { return "Zz".utf8.contains(bytes[bytes.startIndex]) ? 0 : nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard bytes.count == 6, let sign = text.first, sign == "+" || sign == "-",
      let hours = Int64(text.dropFirst().prefix(2)), let minutes = Int64(text.suffix(2))
    else { return nil }
    return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  /// Days since 1970 of a day of the Gregorian calendar, counting years from March.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
