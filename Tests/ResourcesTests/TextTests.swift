import Foundation
import Glibc
import Resources
import TestSupport
import Testing

@Suite struct TextTests {
  /// The C library is the oracle; it takes what Go does, but for IPv4's leading zeros and zones.
  @Test(arguments: UInt64(0)..<200) func addressesAreThoseOfTheCLibrary(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pieces = [
      "::", ":", ".", "0", "1", "255", "256", "ffff", "abcd", "12345", "1.2.3.4", "g", "",
    ]
    for step in 1...50 {
      let text = (0..<Int.random(in: 1...10, using: &random))
        .map { _ in pieces.randomElement(using: &random)! }.joined()
      var bytes = [UInt8](repeating: 0, count: 16)
      let isIPv4 = inet_pton(AF_INET, text, &bytes) == 1
      let expected: [UInt8]? =
        isIPv4 ? Array(bytes[..<4]) : inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
      #expect(IPAddress(text)?.bytes == expected, "seed \(seed), step \(step): \(text)")
    }
  }

  @Test func blocksAreOrderedByNumberIPv4First() {
    let texts = ["9.0.0.0/8", "10.70.0.0/16", "10.200.0.0/16", "10.200.0.0/24", "::1/128"]
    let blocks = texts.compactMap { CIDR($0) }
    #expect(blocks.count == texts.count)
    #expect(blocks.reversed().sorted() == blocks)
  }

  @Test func blocksContainTheirAddresses() throws {
    let block = try #require(CIDR("10.64.0.0/10"))
    #expect(block.contains(try #require(IPAddress("10.127.255.255"))))
    #expect(!block.contains(try #require(IPAddress("10.128.0.0"))))
    #expect(!block.contains(try #require(IPAddress("::1"))))
    #expect(try #require(CIDR("::/0")).contains(try #require(IPAddress("::1"))))
    #expect(try #require(CIDR("1.2.3.4")).contains(try #require(IPAddress("1.2.3.4"))))
    for text in [
      "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "/8", "1.2.3/8", "::/129",
    ] {
      #expect(CIDR(text) == nil, "\(text)")
    }
  }

  /// Foundation is the oracle.
  @Test(arguments: UInt64(0)..<100) func timesAreThoseOfFoundation(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let seconds = Int64.random(in: -2_000_000_000...8_000_000_000, using: &random)
    let date = Date(timeIntervalSince1970: Double(seconds))
    #expect(Timestamp(rfc3339: date.ISO8601Format())?.secondsSince1970 == seconds)
    let east = date.addingTimeInterval(5400).ISO8601Format().dropLast() + ".25+01:30"
    #expect(Timestamp(rfc3339: String(east))?.secondsSince1970 == seconds)
  }

  @Test(arguments: [
    "", "2024", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00",
    "2024-01-01T00:00:00+1", "2024-01-01 00:00", "aaaa-bb-ccTdd:ee:ffZ",
  ])
  func otherTextsAreNoTimes(_ text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }
}
