import Diagnostics
import Documents
import TestSupport
import Testing

@Suite struct LimitTests {
  private func read(_ text: String, _ limits: DocumentLimits) -> ParsedFile {
    ParsedFile(Array(text.utf8), path: "in.yaml", limits: limits)
  }

  @Test func aFileOf100MegabytesIsRefusedWithItsSize() {
    let file = ParsedFile([UInt8](repeating: UInt8(ascii: "#"), count: 100 << 20), path: "in.yaml")
    #expect(file.extent == .unreadable)
    #expect(
      file.diagnostics.map(\.summary) == [
        "the file has 104857600 bytes; files of up to 67108864 are read"
      ])
  }

  @Test func objectsBeyondTheLimitAreLeftOutAndSaidOnce() {
    let text = (1...5).map { "kind: A\nn: \($0)\n" }.joined(separator: "---\n")
    let file = read(text, DocumentLimits(documents: 3))
    #expect(file.documents.count == 3)
    #expect(file.diagnostics.map(\.place.line) == [10])
    #expect(file.extent == .partial(broken: [Place(file: "in.yaml", line: 10, column: 1)]))
  }

  @Test func aValueBeyondTheLimitIsRefused() {
    for text in ["a: \"xxxxxxxxxx\"\n", "{\"a\": \"xxxxxxxxxx\"}"] {
      #expect(read(text, DocumentLimits(scalarBytes: 10)).diagnostics == [])
      let file = read(text, DocumentLimits(scalarBytes: 9))
      #expect(file.diagnostics.map(\.problem) == ["one value has 10 bytes; 9 are read"])
    }
  }

  @Test func messagesBeyondTheLimitAreCounted() {
    let text = String(repeating: "---\na: {\n", count: 10)
    let file = read(text, DocumentLimits(diagnostics: 3))
    #expect(file.diagnostics.count == 4)
    #expect(file.diagnostics.last?.problem == "7 more problems of this file are not listed")
  }

  @Test func aFileOfBrokenDocumentsIsNotReadToItsEnd() {
    let text = String(repeating: "---\na: {\n", count: 4) + "---\nkind: A\n"
    #expect(read(text, DocumentLimits(brokenDocuments: 5)).documents.count == 1)
    let file = read(text, DocumentLimits(brokenDocuments: 3))
    #expect(file.documents.count == 0)
    let last = file.diagnostics.filter { $0.place.line == 7 }.map(\.problem)
    #expect(last.contains("3 documents of the file cannot be read"), "\(last)")
  }

  @Test func nestingUpToTheLimitIsRead() {
    func nested(_ depth: Int) -> String {
      "{\"a\": " + String(repeating: "[", count: depth - 1)
        + String(repeating: "]", count: depth - 1) + "}"
    }
    for prefix in ["", "# YAML\n"] {
      #expect(read(prefix + nested(100), DocumentLimits()).diagnostics == [])
      #expect(read(prefix + nested(101), DocumentLimits()).diagnostics.count == 1)
    }
  }

  @Test func aliasesUpToTheLimitAreRead() {
    let text = "a: &a [1, 2, 3]\nb: [*a, *a]\n"
    #expect(read(text, DocumentLimits(aliasedValues: 8)).diagnostics == [])
    #expect(read(text, DocumentLimits(aliasedValues: 7)).diagnostics.count == 1)
  }

  /// Whatever bytes come, there are objects or a reason why not; and the document that was not damaged
  /// is among them.
  @Test(arguments: UInt64(0)..<500) func damageIsAlwaysAnswered(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let node = Node.randomMapping(depth: 4, using: &random)
    let text = Bool.random(using: &random) ? node.yaml() : node.json(.indented)
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let at = Int.random(in: 0..<bytes.count, using: &random)
      let byte = Array("\t\n :-{}[]\"'&*!|>%@#,xé\u{0}".utf8).randomElement(using: &random)!
      if Bool.random(using: &random) { bytes[at] = byte } else { bytes.insert(byte, at: at) }
    }
    let file = ParsedFile(bytes + "\n---\nkind: Undamaged\n".utf8, path: "in.yaml")
    switch file.extent {
    case .whole: #expect(file.diagnostics == [], "seed \(seed)")
    case .partial(let broken):
      #expect(!broken.isEmpty && !file.diagnostics.isEmpty, "seed \(seed)")
    case .unreadable:
      #expect(file.diagnostics.count == 1, "seed \(seed)")
      return
    }
    #expect(
      file.documents.last?.root["kind"]?.content == .string("Undamaged"),
      "seed \(seed): \(String(decoding: bytes, as: UTF8.self)) \(file.diagnostics)")
  }
}
