import Diagnostics
import Documents
import Testing

@testable import Resources

@Suite struct SharedValuesTests {
  private static func decoded(_ text: String) -> [Decoded] {
    let shared = SharedValues()
    return ParsedFile(Array(text.utf8), path: "in.yaml").documents.map {
      decode($0, sharing: shared)
    }
  }

  private static func pod(_ name: String, labels: String) -> String {
    "apiVersion: v1\nkind: Pod\nmetadata: {name: \(name), labels: {\(labels)}}\n---\n"
  }

  /// Whatever the order they are written in, and whatever stood in their place before.
  @Test func labelsAreThoseOfEachObject() {
    let texts = (0..<2000).flatMap { ["app: a\($0 % 300), tier: b", "tier: b, app: a\($0 % 300)"] }
    let found = Self.decoded(
      texts.enumerated().map { Self.pod("p\($0.offset)", labels: $0.element) }.joined())
    #expect(found.count == texts.count)
    for (index, decoded) in found.enumerated() {
      guard case .accepted(.pod(let pod)) = decoded.outcome else {
        Issue.record("pod \(index) is not accepted")
        return
      }
      #expect(pod.metadata.labels == ["app": "a\(index / 2 % 300)", "tier": "b"])
    }
  }

  /// The same mistake in each of them, and more often than messages are kept of one object.
  @Test(arguments: [1, 150]) func whatIsWrongWithLabelsIsSaidOfEachObject(count: Int) {
    let labels = (0..<count).map { "a\($0): \($0)" }.joined(separator: ", ")
    let found = Self.decoded(
      (0..<4).map { Self.pod("p\($0)", labels: labels + ", b: c") }.joined())
    #expect(found.count == 4)
    for (index, decoded) in found.enumerated() {
      #expect(decoded.diagnostics.count == min(count, 101), "pod \(index)")
      #expect(decoded.diagnostics.first?.place.line == index * 4 + 3)
    }
  }
}
