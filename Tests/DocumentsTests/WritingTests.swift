import Documents
import Foundation
import TestSupport
import Testing

@Suite struct WritingTests {
  @Test(arguments: UInt64(0)..<300) func whatIsWrittenAsYAMLReadsBack(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let nodes = (0..<3).map { _ in Node.randomMapping(depth: 4, using: &random) }
    let text = nodes.yamlDocuments()
    let file = ParsedFile(Array(text.utf8), path: "in.yaml")
    #expect(file.diagnostics == [], "seed \(seed): \(text)")
    let isSame = file.documents.map(\.root.withoutPositions) == nodes
    #expect(isSame, "seed \(seed): \(text)")
  }

  @Test(arguments: UInt64(0)..<300) func whatIsWrittenAsJSONReadsBack(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let node = Node.random(depth: 5, using: &random)
    let reader = try #require(JSONReader())
    for layout in [Node.JSONLayout.compact, .indented] {
      let outcome = reader.tree(of: node.jsonBytes(layout), named: "in.json")
      #expect(outcome.root == node, "seed \(seed): \(node.json(layout))")
    }
  }

  /// The same bytes as YAML and as JSON: libyaml and simdjson see one tree, in the same places.
  @Test(arguments: UInt64(0)..<300) func bothReadersAgreeOnJSON(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let node = Node.randomMapping(depth: 5, using: &random)
    // What YAML takes for a line break, or does not take, where JSON does.
    let json = node.json(Bool.random(using: &random) ? .compact : .indented)
      .replacing(/[\u{85}\u{2028}\u{FEFF}]/, with: "-")
    let bySimdjson = ParsedFile(Array(("\n" + json).utf8), path: "in")
    let byLibyaml = ParsedFile(Array(("#\n" + json).utf8), path: "in")
    let isSame = bySimdjson.documents.map(\.root) == byLibyaml.documents.map(\.root)
    #expect(isSame, "seed \(seed): \(json) \(byLibyaml.diagnostics)")
    #expect(bySimdjson.documents.count == 1, "seed \(seed): \(json) \(bySimdjson.diagnostics)")
  }

  @Test func numbersJSONDoesNotHaveAreWords() {
    let node: Node = [Node(.number(.infinity)), Node(.number(-.infinity)), Node(.number(.nan))]
    #expect(node.json() == #"["Infinity","-Infinity","NaN"]"#)
  }

  @Test func keysAreSortedByTheirBytes() {
    let node: Node = ["b": 1, "a": ["d": true, "c": []], "B": "x"]
    #expect(node.withSortedKeys.json() == #"{"B":"x","a":{"c":[],"d":true},"b":1}"#)
  }
}
