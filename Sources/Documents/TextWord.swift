/// Eight bytes of a text at once: most of a text is told from the rest without a look at each byte.
struct TextWord {
  private let word: UInt64
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The eight bytes that begin there; nil where there are fewer.
  init?(_ text: [UInt8], at offset: Int) {
    guard offset + 8 <= text.count else { return nil }
    word = UInt64(
      littleEndian: unsafe text.withUnsafeBytes {
        unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      })
  }

  /// Whether all are ASCII that is printed, tabs or line feeds.
  var isPlain: Bool {
    // Of bytes below 0x80 no sum reaches into the next.
    let beyond = word | word &+ Self.ones
    let controls = ~(word &+ 0x60 &* Self.ones) & ~lineFeeds & ~flags(of: 0x09)
    return (beyond | controls) & Self.highs == 0
  }

  /// The highest bit of each byte that is a line feed.
  var lineFeeds: UInt64 { flags(of: 0x0A) }

  private func flags(of byte: UInt64) -> UInt64 {
    let others = word ^ (byte &* Self.ones)
    let low = (others & ~Self.highs) &+ ~Self.highs
    return ~(low | others | ~Self.highs)
  }
}
