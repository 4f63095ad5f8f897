import Documents
import Foundation
import TestSupport
import Testing

/// PyYAML as the oracle, for texts on which its YAML 1.1 and that of sigs.k8s.io/yaml agree.
@Suite struct PyYAMLTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Python")
  static let python = folder.appending(path: "../../../.venv/bin/python").standardized

  /// What the script prints for what it is fed.
  static func run(_ script: String, _ arguments: [String], input: String = "") throws -> [UInt8] {
    let process = Process()
    process.executableURL = python
    process.arguments = [folder.appending(path: script).path] + arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    try process.run()
    let writer = Thread {
      stdin.fileHandleForWriting.write(Data(input.utf8))
      try? stdin.fileHandleForWriting.close()
    }
    writer.start()
    let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(output)
  }

  @Test func whatPyYAMLWritesReadsAsItMeant() throws {
    let reader = try #require(JSONReader())
    let lines = try Self.run("dump.py", ["400"]).split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == 400)
    for line in lines {
      let sample = try #require(reader.tree(of: Array(line), named: "dump.py").root)
      guard case .string(let text)? = sample["yaml"]?.content, let meant = sample["value"],
        case .sequence(let values) = meant.content
      else { throw CancellationError() }
      let file = ParsedFile(Array(text.utf8), path: "in.yaml")
      #expect(file.diagnostics == [], "\(text)")
      let found = file.documents.map(\.root.withSortedKeys).map { $0.json() }
      #expect(found == values.map(\.withSortedKeys).map { $0.json() }, "\(text)")
    }
  }

  @Test func pyYAMLReadsWhatWeWrite() throws {
    var expected: [Node] = []
    for seed in UInt64(0)..<300 {
      var random = SeededRandom(seed: seed)
      expected.append(Node.randomMapping(depth: 4, using: &random))
    }
    let output = try Self.run("load.py", [], input: expected.yamlDocuments())
    let outcome = try #require(JSONReader()).tree(of: output, named: "load.py")
    guard case .sequence(let read)? = outcome.root?.content else { throw CancellationError() }
    #expect(read.count == expected.count)
    for (seed, (node, read)) in zip(expected, read).enumerated() {
      let isSame = node.withSortedKeys == read.withSortedKeys
      #expect(isSame, "seed \(seed): \(node.yaml())\n\(node.json())\n\(read.json())")
    }
  }
}
