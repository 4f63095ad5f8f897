import Diagnostics
import Documents
import Foundation
import Resources
import Testing

/// Cases/NAME: in.yaml, and diagnostics.txt as a user reads them; outcomes.txt says what became of each
/// document; values.txt the values read, where the case is about them.
@Suite struct CaseTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")
  static let updates = ProcessInfo.processInfo.environment["FAIRLEAD_UPDATE_GOLDENS"] == "1"

  static var cases: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    precondition(!names.isEmpty, "a suite without cases must not pass")
    return names.sorted()
  }

  @Test(arguments: cases) func decodesAs(_ name: String) throws {
    let folder = Self.folder.appending(path: name)
    let bytes = Array(try Data(contentsOf: folder.appending(path: "in.yaml")))
    let file = ParsedFile(bytes, path: "in.yaml")
    #expect(file.diagnostics.isEmpty)
    let decoded = file.documents.map(decode)
    let outputs = [
      "diagnostics.txt": decoded.flatMap(\.diagnostics).map { $0.text() + "\n" }.joined(),
      "outcomes.txt": decoded.map { $0.outcome.words + "\n" }.joined(),
      "values.txt": decoded.map { $0.outcome.values }.joined(),
    ]
    for (output, found) in outputs {
      let url = folder.appending(path: output)
      guard FileManager.default.fileExists(atPath: url.path) else { continue }
      if Self.updates { try found.write(to: url, atomically: true, encoding: .utf8) }
      #expect(found == (try String(contentsOf: url, encoding: .utf8)), "\(name)/\(output)")
    }
    for each in decoded { #expect(each.isRefusedIffErrors) }
  }
}

extension Decoded {
  /// An object is refused for errors, and for nothing else.
  var isRefusedIffErrors: Bool {
    let hasErrors = diagnostics.contains { $0.severity == .error }
    return switch outcome {
    case .accepted, .unserved: !hasErrors
    case .refused: hasErrors
    case .ignored: true
    }
  }
}

extension Decoded.Outcome {
  /// A line for each value in it that is there.
  var values: String {
    guard case .accepted(let resource) = self else { return "" }
    return resource.name.path + "\n" + lines(of: resource, at: "").map { "  \($0)\n" }.joined()
  }

  var words: String {
    switch self {
    case .accepted(let resource): "accepted \(resource.name.path)"
    case .refused(let name): "refused \(name.path)"
    case .unserved(let name, let apiVersion): "unserved \(name.path) (\(apiVersion))"
    case .ignored: "ignored"
    }
  }
}

/// `path: value` of everything in a value that is not empty, absent or a position.
private func lines(of value: Any, at path: String) -> [String] {
  let mirror = Mirror(reflecting: value)
  if value is SourcePosition || value is Place { return [] }
  if let bytes = value as? [UInt8], !bytes.isEmpty {
    return ["\(path): \(Data(bytes).base64EncodedString())"]
  }
  switch mirror.displayStyle {
  case .optional:
    return mirror.children.first.map { lines(of: $0.value, at: path) } ?? []
  case .collection:
    return mirror.children.enumerated().flatMap { lines(of: $1.value, at: "\(path)[\($0)]") }
  case .dictionary:
    let entries = mirror.children.map { entry -> (String, Any) in
      let pair = Array(Mirror(reflecting: entry.value).children)
      return ("\(pair[0].value)", pair[1].value)
    }
    return entries.sorted { $0.0 < $1.0 }.flatMap { lines(of: $1, at: "\(path)[\($0)]") }
  case .struct where !mirror.children.isEmpty && !(value is Duration), .class:
    // The storage of a wrapped property has an underscore before its name.
    return mirror.children.flatMap {
      lines(of: $0.value, at: "\(path).\(($0.label ?? "").trimmingPrefix("_"))")
    }
  case .enum where !mirror.children.isEmpty:
    return mirror.children.flatMap { lines(of: $0.value, at: "\(path).\($0.label ?? "")") }
  default: return ["\(path): \(value)"]
  }
}
