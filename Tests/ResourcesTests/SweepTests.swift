import Diagnostics
import Documents
import Foundation
import Resources
import TestSupport
import Testing

/// Every value of every accepted object of the cases is replaced by values of other types.
@Suite struct SweepTests {
  static let accepted: [Document] = CaseTests.cases.flatMap { name -> [Document] in
    let url = CaseTests.folder.appending(path: name).appending(path: "in.yaml")
    guard let text = try? Data(contentsOf: url) else { return [] }
    return ParsedFile(Array(text), path: "\(name)/in.yaml").documents.filter {
      let decoded = decode($0)
      guard case .accepted = decoded.outcome else { return false }
      // Fields that nobody reads may be of any type; what warns of that has no code.
      return decoded.diagnostics.allSatisfy { $0.code != nil || $0.severity == .info }
    }
  }

  @Test func everyKindHasAnExample() {
    let kinds = Self.accepted.compactMap { document -> String? in
      guard case .accepted(let resource) = decode(document).outcome else { return nil }
      return resource.name.kind
    }
    #expect(Set(kinds) == Set(Kind.allCases.map(\.rawValue)))
  }

  /// A list where a text belongs, a text where a mapping belongs: it is an error, at that line.
  @Test(arguments: 0..<accepted.count) func wrongTypesAreErrorsThatSayWhere(_ index: Int) {
    let document = Self.accepted[index]
    for path in document.root.paths where !path.isEmpty {
      let original = document.root[path]
      for content in Node.Content.samples where content.shape != original.content.shape {
        let changed = document.root.replacing(path, with: content)
        let decoded = decode(Document(file: document.file, root: changed))
        let place = original.position.place(in: document.file)
        let errors = decoded.diagnostics.filter { $0.severity == .error }
        #expect(
          errors.contains { $0.place == place },
          "\(place): \(content.shape)")
        #expect(errors.allSatisfy { $0.place.line > 0 && $0.place.column > 0 })
        #expect(decoded.isRefusedIffErrors)
      }
    }
  }

  /// Other scalars may be right or wrong; nothing crashes, and what is refused is refused for a reason.
  @Test(arguments: 0..<accepted.count) func otherScalarsAreJudged(_ index: Int) {
    let document = Self.accepted[index]
    for path in document.root.paths {
      for content in Node.Content.scalars {
        let changed = document.root.replacing(path, with: content)
        let decoded = decode(Document(file: document.file, root: changed))
        #expect(
          decoded.isRefusedIffErrors, "\(document.file) \(document.root[path].position) \(content)")
      }
    }
  }

  /// Parts of objects in places where they do not belong, again and again.
  @Test(arguments: UInt64(0)..<100) func shuffledObjectsAreJudged(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var document = Self.accepted.randomElement(using: &random)!
    for step in 1...10 {
      let paths = document.root.paths
      let target = paths.randomElement(using: &random)!
      let source = Self.accepted.randomElement(using: &random)!.root
      let part = source[source.paths.randomElement(using: &random)!]
      document = Document(
        file: document.file, root: document.root.replacing(target, with: part.content))
      let decoded = decode(document)
      #expect(decoded.isRefusedIffErrors, "seed \(seed), step \(step)")
      #expect(decoded.diagnostics == decode(document).diagnostics, "seed \(seed), step \(step)")
    }
  }
}

/// From a value to one inside it.
enum Step: Hashable {
  case key(Int)
  case index(Int)
}

extension Node {
  /// The paths to all values in the tree, itself first.
  var paths: [[Step]] {
    switch content {
    case .sequence(let items):
      [[]] + items.enumerated().flatMap { i, item in item.paths.map { [.index(i)] + $0 } }
    case .mapping(let entries):
      [[]] + entries.enumerated().flatMap { i, entry in entry.value.paths.map { [.key(i)] + $0 } }
    case .null, .bool, .integer, .number, .string: [[]]
    }
  }

  subscript(path: [Step]) -> Node {
    guard let first = path.first else { return self }
    switch (first, content) {
    case (.index(let i), .sequence(let items)): return items[i][Array(path.dropFirst())]
    case (.key(let i), .mapping(let entries)): return entries[i].value[Array(path.dropFirst())]
    default: preconditionFailure("no such path")
    }
  }

  func replacing(_ path: [Step], with replacement: Content) -> Node {
    guard let first = path.first else { return Node(replacement, at: position) }
    let rest = Array(path.dropFirst())
    switch (first, content) {
    case (.index(let i), .sequence(var items)):
      items[i] = items[i].replacing(rest, with: replacement)
      return Node(.sequence(items), at: position)
    case (.key(let i), .mapping(var entries)):
      let entry = entries[i]
      entries[i] = Entry(
        key: entry.key, keyPosition: entry.keyPosition,
        value: entry.value.replacing(rest, with: replacement))
      return Node(.mapping(entries), at: position)
    default: preconditionFailure("no such path")
    }
  }
}

extension Node.Content {
  enum Shape { case scalar, list, mapping }

  var shape: Shape {
    switch self {
    case .null, .bool, .integer, .number, .string: .scalar
    case .sequence: .list
    case .mapping: .mapping
    }
  }

  static let scalars: [Node.Content] = [
    .null, .bool(true), .integer(-1), .integer(.max), .number(.nan), .string(""),
    .string("9999999999999999999999s"), .string("*/\u{0}\u{1F600}"),
  ]

  static let samples: [Node.Content] =
    [.bool(true), .integer(7), .number(1.5), .string("text")] + [
      .sequence([Node(.sequence([]))]), .mapping([Node.Entry(key: "a", value: Node(.null))]),
    ]
}
