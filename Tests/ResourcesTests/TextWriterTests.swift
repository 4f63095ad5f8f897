import Resources
import Testing

/// What is written part by part is what an interpolation makes of the same parts.
@Suite struct TextWriterTests {
  @Test(arguments: ["", "a", "fifteen letters", "sixteen letters!", "héros.example", "日本"])
  func textsStandOneBehindTheOther(text: String) {
    for repetitions in [0, 1, 2, 30] {
      let written = String.written { writer in
        for _ in 0..<repetitions { writer.add(text) }
      }
      #expect(written == String(repeating: text, count: repetitions))
    }
  }

  @Test(arguments: [0, 7, 9, 10, 80, 443, 65_535, .max, -1, -10, .min])
  func numbersAreInDecimalDigits(number: Int) {
    let written = String.written {
      $0.add("outbound|")
      $0.add(number)
      $0.add("|")
    }
    #expect(written == "outbound|\(number)|")
  }
}
