import TestSupport
import Testing

@testable import Documents

@Suite struct TextBytesTests {
  /// Every length about those of words, and texts that differ in one byte at any place.
  @Test(arguments: 0..<40) func textsAreEqualAsTheirBytesAre(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(isEqual(bytes, bytes))
    #expect(!isEqual(bytes, bytes + [0]))
    #expect(!isEqual(bytes, Array(bytes.dropLast()) + (bytes.isEmpty ? [0] : [])))
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
      #expect(!isEqual(bytes, other), "byte \(place) of \(count)")
    }
  }

  @Test func namesOfFieldsAreFoundWhateverTheirLength() {
    let names = (0..<30).map { String("aVeryLongNameOfAFieldOfAnObject".prefix($0)) }
    for (length, name) in names.enumerated() {
      for (otherLength, other) in names.enumerated() {
        let found = unsafe Array(other.utf8).withUnsafeBufferPointer {
          unsafe FieldName(name).isEqual(to: TextBytes($0))
        }
        #expect(found == (length == otherLength))
      }
    }
  }

  /// Equal texts have one digest, and neighbours mostly not.
  @Test func digestsTellTextsApart() {
    let texts = (0..<4096).map { Array("orders-backend-\($0)-6d5f7c9b8".utf8) }
    #expect(texts.allSatisfy { digest($0) == digest($0) })
    // As many slots as texts: by chance 63 % of the slots are hit.
    #expect(Set(texts.map { digest($0) & 4095 }).count > 2300)
  }

  private func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in unsafe TextBytes(a) == TextBytes(b) }
    }
  }

  private func digest(_ bytes: [UInt8]) -> UInt64 {
    unsafe bytes.withUnsafeBufferPointer { unsafe TextBytes($0).digest }
  }
}
