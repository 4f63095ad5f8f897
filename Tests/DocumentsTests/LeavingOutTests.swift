import TestSupport
import Testing

@testable import Documents

/// What is not built is not there, and nothing else is missing.
@Suite struct LeavingOutTests {
  private func without(_ keys: Set<String>, _ node: Node) -> Node {
    switch node.content {
    case .null, .bool, .integer, .number, .string: node
    case .sequence(let items): Node(.sequence(items.map { without(keys, $0) }))
    case .mapping(let entries):
      Node(
        .mapping(
          entries.compactMap { entry in
            switch entry.value.content {
            case .mapping, .sequence:
              keys.contains(entry.key)
                ? nil : Node.Entry(key: entry.key, value: without(keys, entry.value))
            case .null, .bool, .integer, .number, .string: entry
            }
          }))
    }
  }

  private func random(_ depth: Int, using random: inout SeededRandom) -> Node {
    switch Int.random(in: 0..<(depth > 0 ? 4 : 2), using: &random) {
    case 0: Node(.integer(Int64.random(in: 0...9, using: &random)))
    case 1: Node(.string("text"))
    case 2:
      Node(
        .sequence(
          (0..<Int.random(in: 0...3, using: &random)).map { _ in
            self.random(depth - 1, using: &random)
          }))
    default:
      Node(
        .mapping(
          ["a", "b", "c", "d"].filter { _ in Bool.random(using: &random) }.map {
            Node.Entry(key: $0, value: self.random(depth - 1, using: &random))
          }))
    }
  }

  @Test(arguments: UInt64(0)..<200) func onlyWhatIsNamedIsMissing(seed: UInt64) throws {
    var seeded = SeededRandom(seed: seed)
    let node = random(5, using: &seeded)
    let whole = Node(.mapping([.init(key: "root", value: node)]))
    let reader = try #require(JSONReader())
    let read = reader.tree(
      of: whole.jsonBytes(), named: "x", selecting: .all(but: [FieldName("a"), FieldName("c")])
    ).root
    #expect(read == without(["a", "c"], whole), "seed \(seed)")
  }

  private func only(_ selection: FieldSelection, _ node: Node) -> Node {
    switch (node.content, selection) {
    case (.sequence(let items), _): Node(.sequence(items.map { only(selection, $0) }))
    case (.mapping(let entries), .only(let fields)):
      Node(
        .mapping(
          entries.compactMap { entry in
            fields.first { $0.name.text == entry.key }
              .map { Node.Entry(key: entry.key, value: only($0.below, entry.value)) }
          }))
    case (.mapping(let entries), .containing(let texts)):
      Node(.mapping(entries.filter { entry in texts.contains { entry.key.contains($0.text) } }))
    case _: node
    }
  }

  /// Numbers of all kinds among what is passed over, which take more room on the tape than words.
  private func withNumbers(_ node: Node) -> Node {
    switch node.content {
    case .integer(let number):
      [Node(.integer(-number)), Node(.number(0.5)), Node(.number(1e19)), Node(.null), node][
        Int(number) % 5]
    case .sequence(let items): Node(.sequence(items.map(withNumbers)))
    case .mapping(let entries):
      Node(.mapping(entries.map { Node.Entry(key: $0.key, value: withNumbers($0.value)) }))
    case _: node
    }
  }

  @Test(arguments: UInt64(0)..<200) func whatIsSelectedIsThere(seed: UInt64) throws {
    var seeded = SeededRandom(seed: seed)
    let node = withNumbers(random(6, using: &seeded))
    let whole = Node(.mapping([.init(key: "a", value: node), .init(key: "bc", value: node)]))
    let inner = FieldSelection.only([.init("b"), .init("d", .containing([FieldName("c")]))])
    let selection = FieldSelection.only([.init("a", inner), .init("c")]).adding("bc", "a")
    let reader = try #require(JSONReader())
    for recur in [false, true, true] {
      let read = reader.tree(
        of: whole.jsonBytes(), named: "x", selecting: selection, recur: recur
      ).root
      #expect(read == only(selection, whole), "seed \(seed)")
    }
  }

  @Test func textsThatRecurAreThoseOfTheText() throws {
    let reader = try #require(JSONReader())
    // More than are remembered, so that most take another's place.
    for round in 0..<3 {
      let texts = (0..<5000).map { Node(.string("a text of some length: \($0 % 4999)")) }
      let list = Node(.sequence(texts))
      #expect(
        reader.tree(of: list.jsonBytes(), named: "x", recur: true).root == list, "\(round)")
    }
  }
}
