import TestSupport
import Testing

@testable import Documents

@Suite struct FingerprintTests {
  /// Every length about those of words: equal bytes are told from those that differ in one, and from
  /// those that are longer.
  @Test(arguments: 0..<70) func bytesAreToldApart(count: Int) {
    var random = SeededRandom(seed: UInt64(count))
    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(value([bytes]) == value([bytes]))
    var others: Set<UInt64> = [value([bytes])]
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
      others.insert(value([other]))
    }
    others.insert(value([bytes + [0]]))
    #expect(others.count == count + 2)
  }

  /// What is one behind the other is told from what is one, and from another order.
  @Test func stretchesAreToldApart() {
    let bytes = [UInt8](0..<64)
    let cuts = (0...64).map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
    #expect(Set((cuts + cuts.map { $0.reversed() } + [[bytes]]).map(value)).count == 129)
    #expect(Set((0..<1000).map { word in value(of: [0, word]) }).count == 1000)
    #expect(Set((0..<1000).map { word in value(of: [word, 0]) }).count == 1000)
    #expect(value(of: [1, 2]) != value(of: [2, 1]))
    #expect(Set((0..<100).map { value(of: Array(repeating: 0, count: $0)) }).count == 100)
  }

  private func value(_ stretches: [[UInt8]]) -> UInt64 {
    var fingerprint = Fingerprint()
    for stretch in stretches { stretch.withUnsafeBytes { fingerprint.add($0) } }
    return fingerprint.value
  }

  private func value(of words: [UInt64]) -> UInt64 {
    var fingerprint = Fingerprint()
    for word in words { fingerprint.add(word) }
    return fingerprint.value
  }
}
