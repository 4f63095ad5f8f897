import Diagnostics
import Documents
import Foundation
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
