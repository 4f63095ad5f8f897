/// A range of addresses as written in CIDR notation, `10.0.0.0/8`. Ordered by address text, then
/// length.
package struct AddressRange: Hashable, Comparable, Sendable {
  package let address: String
  package let length: Int

  /// Nil for text that has no length after a slash.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = Int(parts[1]), (0...128).contains(length) else {
      return nil
    }
    address = String(parts[0])
    self.length = length
  }

  package static func < (a: Self, b: Self) -> Bool {
    (a.address, a.length) < (b.address, b.length)
  }
}
