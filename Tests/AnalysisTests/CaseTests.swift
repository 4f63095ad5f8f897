import Analysis
import Diagnostics
import Documents
import Foundation
import Incremental
import Mesh
import Resources
import Store
import Testing

/// Cases/NAME: a mesh (in.yaml, and mesh.yaml with its settings) and expected.json, everything found
/// between its objects; refused.txt names the objects that are refused, where the case is about such.
/// What is wrong in an object alone is the business of Resources' tests.
@Suite struct CaseTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")
  static let updates = ProcessInfo.processInfo.environment["FAIRLEAD_UPDATE_GOLDENS"] == "1"

  static var cases: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    precondition(!names.isEmpty, "a suite without cases must not pass")
    return names.sorted()
  }

  @Test(arguments: cases) func finds(_ name: String) throws {
    let folder = Self.folder.appending(path: name)
    let store = try ObjectStore(reading: folder)
    let analysis = MeshAnalysis(MeshModel(store, options: .init()))
    let found = analysis.diagnostics().json.json(.indented)
    let expected = folder.appending(path: "expected.json")
    if Self.updates { try found.write(to: expected, atomically: true, encoding: .utf8) }
    #expect(found == (try String(contentsOf: expected, encoding: .utf8)))
    // What istioctl would list is a part of it.
    let everything = Set(analysis.diagnostics())
    for diagnostic in analysis.diagnostics(.asIstioctlOfFiles) {
      #expect(everything.contains(diagnostic) && diagnostic.code != nil)
    }
    #expect(Set(analysis.diagnostics(.asIstioctlOfCluster)) == everything.filter { $0.code != nil })
    let alone = Set(analysis.diagnostics(.ofUnknownSettings))
    #expect(alone.isSubset(of: everything))
    #expect(everything.subtracting(alone).allSatisfy { $0.problem.contains("mesh's settings") })
    for diagnostic in everything { #expect(diagnostic.effect != nil, "\(diagnostic.summary)") }
  }
}

extension ObjectStore {
  /// The objects of in.yaml, each accepted unless refused.txt names it, and the settings of mesh.yaml.
  convenience init(reading folder: URL) throws {
    self.init(Graph())
    let objects = try Data(contentsOf: folder.appending(path: "in.yaml"))
    let names = try? String(contentsOf: folder.appending(path: "refused.txt"), encoding: .utf8)
    var found: [String] = []
    for document in ParsedFile(Array(objects), path: "in.yaml").documents {
      let decoded = decode(document)
      switch decoded.outcome {
      case .accepted(let resource): put(resource)
      case .refused(let name):
        refused.set(name, to: .some(decoded.refused))
        found.append("\(name)\n")
      case .ignored, .unserved: Issue.record("\(decoded.diagnostics.map(\.problem))")
      }
    }
    #expect(found.joined() == names ?? "")
    let settings = folder.appending(path: "mesh.yaml")
    guard FileManager.default.fileExists(atPath: settings.path) else { return }
    let file = ParsedFile(Array(try Data(contentsOf: settings)), path: "mesh.yaml")
    let read = try #require(file.documents.first.map(Settings<MeshConfig>.init(reading:)))
    #expect(read.diagnostics.isEmpty)
    set(meshConfig: try #require(read.value))
  }
}
