import Segments
import Testing

@Suite struct ContentHashTests {
  /// Of each byte, whatever the length.
  @Test func hashesTellContentsApart() {
    for count in [0, 1, 8, 31, 32, 33, 64, 100] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 11) }
      #expect(ContentHash(of: bytes) == ContentHash(of: bytes + []))
      #expect(ContentHash(of: bytes) != ContentHash(of: bytes + [0]))
      for place in bytes.indices {
        var other = bytes
        other[place] ^= 1
        #expect(ContentHash(of: bytes) != ContentHash(of: other), "byte \(place) of \(count)")
      }
      let moved = Array(bytes.suffix(32) + bytes.dropLast(32))
      #expect(moved == bytes || ContentHash(of: bytes) != ContentHash(of: moved))
    }
  }
}
