/// Texts that come again and again, each in memory once: names of nodes, labels, images of thousands
/// of objects. It remembers a fixed number and forgets the rest.
final class RecurringTexts {
  private var slots = [String](repeating: "", count: 4096)
  /// Shorter ones take no memory of their own.
  private static let lengths = 16...1024

  /// The bytes as text; the one that was told before where it is remembered.
  func text(_ bytes: TextBytes) -> String {
    guard RecurringTexts.lengths.contains(bytes.count) else { return bytes.text }
    let slot = Int(truncatingIfNeeded: bytes.digest) & (slots.count - 1)
    let isKnown = unsafe slots[slot].utf8.withContiguousStorageIfAvailable {
      unsafe TextBytes($0) == bytes
    }
    if isKnown != true { slots[slot] = bytes.text }
    return slots[slot]
  }
}
