extension Duration {
  /// A duration as Go writes it: signed decimal numbers with units, as `300ms`, `-1.5h` or `2h45m`.
  package init?(goText text: String) {
    var rest = Substring(text).utf8
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    if rest.elementsEqual("0".utf8) {
      self = .zero
      return
    }
    guard !rest.isEmpty else { return nil }
    var nanoseconds: Int64 = 0
    while !rest.isEmpty {
      guard let part = Self.part(&rest) else { return nil }
      let (sum, overflow) = nanoseconds.addingReportingOverflow(part)
      if overflow { return nil }
      nanoseconds = sum
    }
    self = .nanoseconds(isNegative ? -nanoseconds : nanoseconds)
  }

  /// The nanoseconds of one number and its unit, taken from the front of `rest`.
  private static func part(_ rest: inout Substring.UTF8View) -> Int64? {
    let whole = digits(&rest)
    var fraction: Substring.UTF8View?
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = digits(&rest)
    }
    guard !whole.isEmpty || fraction?.isEmpty == false else { return nil }
    let name = rest.prefix { $0 != UInt8(ascii: ".") && !isDigit($0) }
    guard let unit = units[String(Substring(name))] else { return nil }
    rest = rest.dropFirst(name.count)
    guard let number = whole.isEmpty ? 0 : Int64(Substring(whole)) else { return nil }
    let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: unit)
    if overflow { return nil }
    // Digits past the nineteenth are less than a nanosecond of an hour.
    let (value, scale) = (fraction ?? ""[...].utf8).prefix(18).reduce((Int64(0), 1.0)) {
      ($0.0 * 10 + Int64($1 - UInt8(ascii: "0")), $0.1 * 10)
    }
    let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(
      Int64(Double(value) * (Double(unit) / scale)))
    return sumOverflow ? nil : sum
  }

  private static func digits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
    let digits = rest.prefix(while: isDigit)
    rest = rest.dropFirst(digits.count)
    return digits
  }

  private static let units: [String: Int64] = [
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000,
    "m": 60_000_000_000, "h": 3_600_000_000_000,
  ]
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
