import TestSupport
import Testing

@testable import Segments

/// A form is filled to what encoding the texts gives.
@Suite struct TextFormTests {
  /// Texts in some order, with fixed bytes between and lengths before, as messages have them.
  private struct Layout {
    enum Piece {
      case fixed([UInt8])
      case text(Int)
    }

    private var pieces: [Piece] = []
    let lengths: [Int]

    init(using random: inout SeededRandom) {
      let texts = Int.random(in: 1...4, using: &random)
      lengths = (0..<texts).map { _ in Int.random(in: 0...40, using: &random) * 9 }
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let count = Int.random(in: 0...400, using: &random)
        pieces.append(
          .fixed((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }))
        pieces.append(.text(Int.random(in: 0..<texts, using: &random)))
      }
    }

    func encoded(_ texts: [String]) -> [UInt8] {
      pieces.flatMap { piece in
        switch piece {
        case .fixed(let bytes): bytes
        case .text(let number):
          [UInt8(texts[number].utf8.count & 255)] + Array(texts[number].utf8)
        }
      }
    }

    func texts(using random: inout SeededRandom) -> [String] {
      lengths.map { count in
        String(
          decoding: (0..<count).map { _ in UInt8.random(in: 32...126, using: &random) },
          as: UTF8.self)
      }
    }
  }

  @Test(arguments: UInt64(0)..<200) func whatIsFilledInIsWhatIsEncoded(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let layout = Layout(using: &random)
    let form = try #require(TextForm(lengths: layout.lengths, layout.encoded))
    for _ in 0..<5 {
      let texts = layout.texts(using: &random)
      let bytes = layout.encoded(texts)
      #expect(form.count == bytes.count)
      #expect(form.segment(texts).bytes == bytes, "seed \(seed)")
      #expect(form.rope(texts) == Rope(bytes), "seed \(seed)")
      #expect(form.rope(texts).flattened() == bytes, "seed \(seed)")
    }
  }

  @Test func textsThatAreNotTakenOverMakeNoForm() {
    #expect(TextForm(lengths: [3]) { Array($0[0].uppercased().utf8) } == nil)
    #expect(TextForm(lengths: [3]) { $0[0].utf8.reversed() } == nil)
    #expect(TextForm(lengths: [3]) { Array($0[0].utf8.dropLast()) } == nil)
    #expect(TextForm(lengths: [3]) { $0[0].hasPrefix("a") ? [1, 2] : [1] } == nil)
    #expect(TextForm(lengths: [3, 3]) { $0[0] < "a" ? Array($0[1].utf8) : [1] } == nil)
    #expect(TextForm(lengths: [3]) { _ in [1] }?.segment(["abc"]).bytes == [1])
  }

  /// A message of long fixed stretches takes little more memory than its texts.
  @Test func whatIsAlikeIsKeptOnce() throws {
    let fixed = [UInt8](repeating: 7, count: 300)
    let form = try #require(
      TextForm(lengths: [20]) { texts in
        fixed + Array(texts[0].utf8) + fixed + Array(texts[0].utf8)
      })
    guard case .patterned(let message) = form.rope(["01234567890123456789"]).content else {
      Issue.record("it is kept as a whole")
      return
    }
    #expect(message.size < 60)
  }
}
