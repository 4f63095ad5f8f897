import Incremental
import TestSupport
import Testing

@Suite struct InputsTests {
  /// Keys come and go, so that the table grows and cells close up behind those that leave.
  @Test(arguments: UInt64(0)..<50) func valuesAreFoundByTheirKeysWhateverCameAndWent(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let inputs = Inputs<String, Int>(Graph())
    var expected: [String: Int] = [:]
    for step in 1...600 {
      let key = "key \(Int.random(in: 0..<120, using: &random))"
      let value = Bool.random(using: &random) ? Int.random(in: 0..<4, using: &random) : nil
      #expect(inputs.set(key, to: value) == (expected[key] != value), "seed \(seed), step \(step)")
      expected[key] = value
      #expect(inputs.count == expected.count, "seed \(seed), step \(step)")
    }
    for number in 0..<120 {
      let key = "key \(number)"
      #expect(inputs.current(key) == expected[key], "seed \(seed), \(key)")
    }
    let all = inputs.all.sorted { $0.key < $1.key }
    #expect(all.map(\.key) == expected.keys.sorted(), "seed \(seed)")
    #expect(all.map(\.value) == expected.sorted { $0.key < $1.key }.map(\.value), "seed \(seed)")
  }
}
