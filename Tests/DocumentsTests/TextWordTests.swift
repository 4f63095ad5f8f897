import Testing

@testable import Documents

@Suite struct TextWordTests {
  /// Every byte at every place, among bytes that could carry over to it.
  @Test(arguments: UInt8.min...UInt8.max)
  func bytesAreToldApartWhereverTheyStand(byte: UInt8) throws {
    let isPlain = (0x20..<0x7F).contains(byte) || byte == 0x09 || byte == 0x0A
    for neighbour in [UInt8(ascii: " "), UInt8(ascii: "~"), 0x0A, 0x09] {
      for place in 0..<8 {
        var bytes = [UInt8](repeating: neighbour, count: 8)
        bytes[place] = byte
        let word = try #require(TextWord(bytes, at: 0))
        #expect(word.isPlain == isPlain)
        let feeds = bytes.enumerated().reduce(0) {
          $1.element == 0x0A ? $0 | UInt64(0x80) << UInt64(8 * $1.offset) : $0
        }
        #expect(word.lineFeeds == feeds)
      }
    }
  }
}
