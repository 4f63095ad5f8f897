import Documents
import TestSupport

extension Node {
  /// A value of random shape: few keys, so that they repeat; texts that look like something else.
  static func random(depth: Int, using random: inout SeededRandom) -> Node {
    switch Int.random(in: 0..<(depth > 0 ? 12 : 8), using: &random) {
    case 0: Node(.null)
    case 1: Node(.bool(.random(using: &random)))
    case 2: Node(.integer([0, 1, -1, 80, .max, .min].randomElement(using: &random)!))
    case 3: Node(.number([1.5, -0.25, 1e300, 2e-7, 0.1].randomElement(using: &random)!))
    case 4...7: Node(.string(text(using: &random)))
    case 8, 9:
      Node(.sequence((0..<size(&random)).map { _ in .random(depth: depth - 1, using: &random) }))
    default: .randomMapping(depth: depth, using: &random)
    }
  }

  static func randomMapping(depth: Int, using random: inout SeededRandom) -> Node {
    let keys = Set((0..<size(&random)).map { _ in text(using: &random) }).sorted()
    return Node(
      .mapping(keys.map { Entry(key: $0, value: .random(depth: depth - 1, using: &random)) }))
  }

  private static func size(_ random: inout SeededRandom) -> Int {
    Int.random(in: 0...4, using: &random)
  }

  private static func text(using random: inout SeededRandom) -> String {
    if Bool.random(using: &random) { return texts.randomElement(using: &random)! }
    let length = Int.random(in: 0...6, using: &random)
    return (0..<length).map { _ in pieces.randomElement(using: &random)! }.joined()
  }

  private static let texts = [
    "name", "shop.example.com", "*.example.com", "true", "no", "null", "~", "", "80", "0x1F", "1.5",
    "1_000", ".inf", "2001-12-14", "12:30", "a: b", "- a", "#x", "a #b", "@at", "&and", "!bang",
    "%d", "[a]", "{a}", "|", ">", "<<", "=", "---", "...", "one\ntwo\n", "one\n\n  two\nthree\n",
    " leading", "trailing ", "tab\there", "quote\"s", "it's", "back\\slash", "é", "日本", "😀",
    "\u{7}", "\u{85}", "\u{2028}", "\u{FEFF}", "a\r\nb", "\n", " \n", "x\n ", "?", "a:", ":a",
  ]
  private static let pieces = [
    "a", "B", "7", " ", "\n", ":", "-", "#", "'", "\"", "\\", ".", ",", "{", "]", "é", "\t", "/",
  ]
}
