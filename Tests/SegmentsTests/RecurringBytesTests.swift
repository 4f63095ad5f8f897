import TestSupport
import Testing

@testable import Segments

/// However a message is kept, it is read as it was written; what is read is compared with plain bytes.
@Suite struct RecurringBytesTests {
  /// Messages of a few kinds: fixed texts with names between, which come again within one.
  private static func message(using random: inout SeededRandom) -> [UInt8] {
    let kind = Int.random(in: 0..<12, using: &random)
    let name = String(Int.random(in: 0..<1_000_000_000, using: &random), radix: 36)
    var bytes: [UInt8] = []
    for part in 0..<Int.random(in: 0...30, using: &random) {
      if Bool.random(using: &random) { bytes += Array("name-of-service-\(name)".utf8) }
      if Int.random(in: 0..<8, using: &random) == 0 {
        bytes += (0..<Int.random(in: 0...700, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
      }
      bytes += Array("what stands in all of kind \(kind) at place \(part)".utf8)
    }
    return bytes
  }

  private static func rope(_ bytes: [UInt8], _ recurring: RecurringBytes) -> Rope {
    unsafe bytes.withUnsafeBytes { unsafe recurring.rope(of: $0) }
  }

  @Test(arguments: UInt64(0)..<100) func whatIsKeptIsWhatWasWritten(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let recurring = RecurringBytes()
    for step in 0..<60 {
      let bytes = RecurringBytesTests.message(using: &random)
      let rope = RecurringBytesTests.rope(bytes, recurring)
      #expect(rope == Rope(bytes), "seed \(seed), step \(step)")
      #expect(rope.flattened() == bytes, "seed \(seed), step \(step)")
      var cursor = RopeCursor(Rope(joining: [Rope([1]), rope, Rope([2])]))
      var read: [UInt8] = []
      while cursor.remaining > 0 {
        let limit = Int.random(in: 1...90, using: &random)
        let left = cursor.remaining
        guard cursor.take(upTo: limit, { read += $0.slice($1) }) == min(limit, left) else { break }
      }
      #expect(read == [1] + bytes + [2], "seed \(seed), step \(step)")
    }
  }

  /// Ten thousand messages that differ in a name take little more than their names.
  @Test func whatIsAlikeIsKeptOnce() {
    let recurring = RecurringBytes()
    let alike = String(repeating: "0123456789abcdefghijklmnopqrstuvwxyz", count: 20)
    func bytes(_ number: Int) -> [UInt8] {
      Array("service-\(number)/\(alike)/service-\(number)/\(alike)".utf8)
    }
    _ = RecurringBytesTests.rope(bytes(0), recurring)
    for number in 1..<100 {
      let rope = RecurringBytesTests.rope(bytes(number), recurring)
      guard case .patterned(let message) = rope.content else {
        Issue.record("message \(number) is kept as a whole")
        continue
      }
      #expect(message.size < 80, "message \(number)")
      #expect(rope.count == bytes(number).count)
    }
  }
}
