import Documents
import Foundation
import Testing

@testable import EnvoyAPI

/// Random messages of all published types, against Google's own protobuf.
@Suite struct RandomMessageTests {
  @Test(arguments: 1...8) func jsonBothWaysAndMergeAgreeWithProtobuf(seed: Int) throws {
    var answers: [String] = []
    for line in try Oracle.run(["make", "\(seed)", "150"]).split(separator: "\n") {
      let given = try Oracle.node(line)
      let type = try #require(MessageType(named: try given.text("type")))
      let (bytes, patch) = (try given.bytes("bytes"), try given.bytes("patch"))
      let fromJSON = type.encoded(from: try Oracle.node(try given.text("json")))
      let fromSnake = type.encoded(from: try Oracle.node(try given.text("snake")))
      #expect(fromJSON.problems == [] && fromSnake.problems == [], "seed \(seed): \(line)")
      answers.append(
        Oracle.json([
          "type": type.name,
          "bytes": try given.text("bytes"), "patch": try given.text("patch"),
          "toJSON": try type.node(from: bytes).get().json(),
          "fromJSON": Data(fromJSON.bytes).base64EncodedString(),
          "fromSnake": Data(fromSnake.bytes).base64EncodedString(),
          "merged": Data(try type.merged(bytes, with: patch).get()).base64EncodedString(),
          "replaced": Data(try type.merged(bytes, with: patch, lists: .replace).get())
            .base64EncodedString(),
        ]))
    }
    #expect(answers.count == 150)
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    try answers.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    let wrong = try Oracle.run(["check", file.path])
    #expect(wrong == "", "seed \(seed): \(wrong)")
  }
}
