/// A key that tables find by a number, which it has or makes in a few steps where hashing it would take
/// hundreds: looking values up is a tenth of a compile. It says at the least what `hash(into:)` does, and
/// is the hash of a key that declares none.
///
/// Texts that peers choose go into it only as a `Hasher` left them, so that nobody can choose texts that
/// collide.
public protocol Digested: Hashable {
  var digest: UInt64 { get }
}

extension Digested {
  @inlinable public var digest: UInt64 { UInt64(hashOf: self) }
}

extension String: Digested {}
extension Int: Digested {}
extension Dictionary: Digested where Value: Hashable {}

extension UInt64 {
  /// The hash of a value without a digest of its own.
  @inlinable public init(hashOf value: some Hashable) {
    var hasher = Hasher()
    hasher.combine(value)
    self.init(truncatingIfNeeded: hasher.finalize())
  }

  /// One digest of two, which depends on their order.
  @inlinable public func mixed(with other: UInt64) -> UInt64 {
    let product = (self ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
      by: other ^ 0xD1B5_4A32_D192_ED03)
    return product.high ^ product.low
  }
}

extension Bool: Digested {
  public var digest: UInt64 { self ? 1 : 2 }
}
