import Segments
import TestSupport
import Testing

@Suite struct RopeTests {
  /// A rope of random cuts, some of them empty, nested at random, and the bytes it stands for.
  private static func random(
    depth: Int, using random: inout SeededRandom
  ) -> (rope: Rope, bytes: [UInt8]) {
    var parts: [Rope] = []
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      if depth > 0, Bool.random(using: &random) {
        let inner = RopeTests.random(depth: depth - 1, using: &random)
        parts.append(inner.rope)
        bytes += inner.bytes
      } else {
        let piece = (0..<Int.random(in: 0...9, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        parts.append(Rope(piece))
        bytes += piece
      }
    }
    return (Rope(joining: parts), bytes)
  }

  @Test(arguments: UInt64(0)..<200) func aCursorReadsWhatTheRopeHolds(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let (rope, bytes) = RopeTests.random(depth: 3, using: &random)
    #expect(rope.count == bytes.count, "seed \(seed)")
    #expect(rope.flattened() == bytes, "seed \(seed)")
    var cursor = RopeCursor(rope)
    var read: [UInt8] = []
    while cursor.remaining > 0 {
      let limit = Int.random(in: 1...7, using: &random)
      let before = read.count
      let count = cursor.take(upTo: limit) { read += $0.slice($1) }
      #expect(count == min(limit, bytes.count - before), "seed \(seed)")
      guard count > 0 else { return }
      #expect(read.count == before + count, "seed \(seed)")
      #expect(cursor.remaining == bytes.count - read.count, "seed \(seed)")
    }
    #expect(read == bytes, "seed \(seed)")
  }

  @Test func equalPartsInEqualOrderAreEqualAndNothingElseIs() {
    let (a, b) = (Segment([1, 2]), Segment([3]))
    #expect(Rope([a, b]) == Rope([Segment([1, 2]), Segment([3])]))
    #expect(Rope([a, b]) != Rope([b, a]))
    #expect(Rope([a]) != Rope([a, b]))
  }

  /// XXH3's own test vectors (xxHash, XXH3_128bits without seed).
  @Test func theHashIsXXH3() {
    #expect(Segment([]).hash.description == "99aa06d3014798d86001c324468d497f")
  }
}
