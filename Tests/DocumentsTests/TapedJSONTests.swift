import TestSupport
import Testing

@testable import Documents

/// JSON that is read onto a tape is the tree it is otherwise, and refused where that is.
@Suite struct TapedJSONTests {
  private static let selections: [FieldSelection] = [
    .all, .all(but: [FieldName("a"), FieldName("[a]")]),
    .only([
      .init("name", .only([.init("a"), .init("80", .containing([FieldName("e")]))])),
      .init("true", .containing([FieldName("a")])), .init("B"), .init("<<"), .init(""),
    ]),
    .only(
      (0..<70).map { .init("field \($0)") } + [.init("name", .only([.init("a")])), .init("a")]),
  ]

  @Test(arguments: UInt64(0)..<300) func itIsTheTree(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let text = Node.random(depth: 6, using: &random).jsonBytes()
    let reader = try #require(JSONReader())
    for selection in Self.selections {
      let tree = try #require(reader.tree(of: text, named: "x", selecting: selection).root)
      let taped = try #require(
        reader.tapedTree(of: text, named: "x", selecting: FieldTable(selection)).root)
      #expect(taped == tree, "seed \(seed), \(selection)")
      var (one, other) = (CanonicalBytes(), CanonicalBytes())
      one.append(tree)
      other.append(taped)
      #expect(one.bytes == other.bytes, "seed \(seed), \(selection)")
    }
  }

  @Test(arguments: [
    "0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1e3", "0.5",
    #"{"a":[0,1,-7,true,false,null,"","0","true"],"b":{}}"#, #"{"é":"ü"}"#, #"["a\nb","\u00e9"]"#,
  ])
  func valuesAreThoseOfTheTree(text: String) throws {
    let reader = try #require(JSONReader())
    let bytes = Array("[\(text)]".utf8)
    let tree = try #require(reader.tree(of: bytes, named: "x").root)
    #expect(reader.tapedTree(of: bytes, named: "x", selecting: FieldTable(.all)).root == tree)
  }

  @Test func mostIsOnATape() throws {
    let reader = try #require(JSONReader())
    let root = reader.tapedTree(
      of: Array(#"{"a":[1,{"b":"c"}]}"#.utf8), named: "x", selecting: FieldTable(.all)
    ).root
    guard case .taped? = root?.form else {
      Issue.record("\(String(describing: root))")
      return
    }
  }

  /// Whether fields are few enough to be told apart by their places or not, and wherever the key stands.
  @Test(arguments: [1, 64, 65]) func aSelectedKeyStandsOnce(fields: Int) throws {
    let reader = try #require(JSONReader())
    let table = FieldTable(.only((0..<fields).map { .init("a\($0)") }))
    func isTree(_ text: String) -> Bool {
      reader.tapedTree(of: Array(text.utf8), named: "x", selecting: table).root != nil
    }
    #expect(isTree(#"{"b":1,"a0":[{"a0":1},{"a0":2}],"b":2}"#))
    #expect(!isTree(#"{"a0":1,"b":0,"a0":2}"#))
    #expect(!isTree(#"{"a0":[{"b":2},{"a0":1,"a0":2}]}"#))
  }

  @Test(arguments: [
    "", "{", "[1,", #"{"a":1,"a":2}"#, #"[{"b":{"a":1,"c":2,"a":3}}]"#,
    "{" + (0..<99).map { "\"k\($0 % 98)\":\($0)" }.joined(separator: ",") + "}",
    String(repeating: "[", count: 101) + String(repeating: "]", count: 101),
    "[\"\(String(repeating: "x", count: 101))\"]", "{\"\(String(repeating: "x", count: 101))\":1}",
  ])
  func whatIsNoTreeIsRefused(text: String) throws {
    var limits = DocumentLimits()
    limits.scalarBytes = 100
    let reader = try #require(JSONReader(limits: limits))
    #expect(
      reader.tapedTree(of: Array(text.utf8), named: "x", selecting: FieldTable(.all)).root == nil)
    // And the reader goes on.
    #expect(
      reader.tapedTree(of: Array("[1]".utf8), named: "x", selecting: FieldTable(.all)).root != nil)
  }
}
