/// Texts that come again and again, each in memory once: names of nodes, labels, images of thousands
/// of objects. It remembers a fixed number and forgets the rest. For one thread.
package final class RecurringTexts {
  private var slots: [String] = []
  private var asked = 0
  private static let slotCount = 4096
  /// Of fewer texts too few come again.
  private static let few = 256
  /// Shorter ones take no memory of their own.
  private static let lengths = 16...1024

  package init() {}

  /// The bytes as text; the one that was told before where it is remembered.
  func text(_ bytes: TextBytes) -> String {
    guard RecurringTexts.lengths.contains(bytes.count) else { return bytes.text }
    if slots.isEmpty {
      asked += 1
      guard asked > RecurringTexts.few else { return bytes.text }
      slots = [String](repeating: "", count: RecurringTexts.slotCount)
    }
    let slot = Int(truncatingIfNeeded: bytes.digest) & (slots.count - 1)
    let isKnown = unsafe slots[slot].utf8.withContiguousStorageIfAvailable {
      unsafe TextBytes($0) == bytes
    }
    if isKnown != true { slots[slot] = bytes.text }
    return slots[slot]
  }
}
