/// A number for words and bytes one after another: of equal ones equal, in this process. Nobody outside can
/// tell which others would have it, and by chance none do.
///
/// Two words at a time are multiplied with each other, keyed, and both halves of the product go on
/// (wyhash). For what is looked at a thousand times a second this takes a fifth of Swift's own hash.
struct Fingerprint {
  private var state: UInt64
  private var count: UInt64 = 0
  private let key: (UInt64, UInt64)

  /// Of this process, as its hashes are.
  private static let keys = (secret(1), secret(2))

  private static func secret(_ number: Int) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(number)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  init() {
    key = Self.keys
    state = key.0
  }

  var value: UInt64 { Self.fold(state ^ key.1, count ^ key.0) }

  @inline(__always)
  mutating func add(_ word: UInt64) { add(word, 0) }

  @inline(__always)
  private mutating func add(_ first: UInt64, _ second: UInt64) {
    state = Self.fold(first ^ key.0, second ^ key.1 ^ state)
    count &+= 1
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    func word(_ offset: Int) -> UInt64 {
      unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    add(UInt64(bytes.count))
    var offset = 0
    while offset + 16 <= bytes.count {
      add(word(offset), word(offset + 8))
      offset += 16
    }
    guard offset < bytes.count else { return }
    if bytes.count >= 16 {
      add(word(bytes.count - 16), word(bytes.count - 8))
    } else if bytes.count >= 8 {
      add(word(0), word(bytes.count - 8))
    } else {
      add(unsafe bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}
