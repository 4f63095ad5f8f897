import Diagnostics
import TestSupport
import Testing

@Suite struct NearestNameTests {
  static let fields = ["hosts", "gateways", "http", "tls", "tcp", "exportTo"]

  @Test(arguments: [
    ("host", "hosts"), ("gatewys", "gateways"), ("htpt", "http"), ("exportto", "exportTo"),
    ("gatewasy", "gateways"), ("expotTo", "exportTo"),
  ])
  func aSlipIsAnsweredWithTheNearestName(slip: String, meant: String) {
    #expect(nearest(to: slip, among: Self.fields) == meant)
  }

  @Test(arguments: ["", "x", "zzzz", "destination", "ab"])
  func whatResemblesNothingIsAnsweredWithNothing(word: String) {
    #expect(nearest(to: word, among: Self.fields) == nil)
  }

  @Test func ofEquallyNearNamesTheFirstByAlphabetIsOffered() {
    #expect(nearest(to: "port", among: ["ports", "sport"]) == "ports")
    #expect(nearest(to: "port", among: ["sport", "ports"]) == "ports")
  }

  /// One slip in a word is always found again among words that differ much.
  @Test(arguments: UInt64(0)..<100) func everySingleSlipIsFound(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let meant = Self.fields.filter { $0.count > 3 }.randomElement(using: &random)!
    var letters = Array(meant)
    let at = Int.random(in: 0..<letters.count - 1, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: letters[at] = "q"
    case 1: letters.remove(at: at)
    case 2: letters.insert("q", at: at)
    default: letters.swapAt(at, at + 1)
    }
    #expect(nearest(to: String(letters), among: Self.fields) == meant, "seed \(seed): \(letters)")
  }
}
