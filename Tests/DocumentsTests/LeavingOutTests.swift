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
    let read = reader.tree(of: whole.jsonBytes(), named: "x", leavingOut: ["a", "c"]).root
    #expect(read == without(["a", "c"], whole), "seed \(seed)")
  }
}
