import Diagnostics
import Documents
import Foundation
import TestSupport
import Testing

/// Cases/NAME: in.yaml or in.json; diagnostics.txt as a user reads them; objects.json where the case is
/// about what was read.
@Suite struct ParsedFileTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")
  static let updates = ProcessInfo.processInfo.environment["FAIRLEAD_UPDATE_GOLDENS"] == "1"

  static var cases: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    precondition(!names.isEmpty, "a suite without cases must not pass")
    return names.sorted()
  }

  @Test(arguments: cases) func readsAs(_ name: String) throws {
    let folder = Self.folder.appending(path: name)
    let input = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).first {
        $0.hasPrefix("in.")
      })
    let file = ParsedFile(
      Array(try Data(contentsOf: folder.appending(path: input))), path: input)
    let outputs = [
      "diagnostics.txt": file.diagnostics.map { $0.text() + "\n" }.joined(),
      "objects.json": Node(.sequence(file.documents.map(\.root))).json(.indented) + "\n",
      "extent.txt": file.extent.words + "\n",
    ]
    for (output, found) in outputs {
      let url = folder.appending(path: output)
      guard FileManager.default.fileExists(atPath: url.path) else { continue }
      if Self.updates { try found.write(to: url, atomically: true, encoding: .utf8) }
      #expect(found == (try String(contentsOf: url, encoding: .utf8)), "\(name)/\(output)")
    }
    #expect((file.extent == .whole) == file.diagnostics.isEmpty)
  }

  /// With marks and other ends of lines, or all plain.
  @Test(arguments: [(1, "\u{FEFF}", "\r\n"), (2, "", "\r"), (3, "", "\n"), (4, "", "\n")])
  func partsOfALargeFileAreTheFile(seed: UInt64, mark: String, end: String) {
    var random = SeededRandom(seed: seed)
    var text = mark
    while text.utf8.count < 3 << 20 {
      let size = Int(random.next() % 40_000)
      text += "---\nkind: K\ntext: |\n  " + String(repeating: "a line\(end)  ", count: size / 12)
      switch random.next() % 30 {
      case 0: text += "\nbroken: [1, 2\n"
      case 1: text += "\n--- # a comment\nkind: \"never closed\n"
      case 2: text += "\n...\n--- just a text\n"
      default: text += "\n"
      }
    }
    let bytes = Array(text.utf8)
    let whole = ParsedFile(bytes, path: "in.yaml")
    let parts = ParsedFile.unread(bytes, path: "in.yaml").parts
    let read = parts.map(\.read)
    let joined = ParsedFile.joined(read.map { ($0.extent, $0.diagnostics) })
    #expect(parts.count > 2)
    #expect(
      read.flatMap(\.documents).map { "\($0.root.position) \($0.root.json())" }
        == whole.documents.map { "\($0.root.position) \($0.root.json())" })
    #expect(joined.extent == whole.extent)
    #expect(!joined.diagnostics.isEmpty && joined.diagnostics == whole.diagnostics)
  }
}

extension ParsedFile.Extent {
  var words: String {
    switch self {
    case .whole: "whole"
    case .partial(let broken): (["partial"] + broken.map { "\($0)" }).joined(separator: " ")
    case .unreadable: "unreadable"
    }
  }
}
