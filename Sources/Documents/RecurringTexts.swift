/// Texts that come again and again, each in memory once: names of nodes, labels, images of thousands
/// of objects. It remembers a fixed number and forgets the rest.
final class RecurringTexts {
  private var slots = [String](repeating: "", count: 4096)
  /// Shorter ones take no memory of their own.
  private static let lengths = 16...1024

  /// The bytes as text; the one that was told before where it is remembered.
  func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    guard RecurringTexts.lengths.contains(bytes.count) else {
      return unsafe String(decoding: bytes, as: UTF8.self)
    }
    // FNV-1a.
    let digest = unsafe bytes.reduce(0xcbf2_9ce4_8422_2325) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let slot = Int(truncatingIfNeeded: digest ^ (digest >> 32)) & (slots.count - 1)
    let isKnown = unsafe slots[slot].utf8.withContiguousStorageIfAvailable {
      unsafe $0.elementsEqual(bytes)
    }
    if isKnown != true { slots[slot] = unsafe String(decoding: bytes, as: UTF8.self) }
    return slots[slot]
  }
}
