import Compiler
import Documents
import EnvoyAPI
import Foundation
import Incremental
import Mesh
import Resources
import Segments
import Store
import Testing

/// A folder under Cases: a mesh (in.yaml, mesh.yaml and networks.yaml with its settings,
/// options.yaml), a proxy (proxy.yaml), and what the
/// proxy is sent of the types that the case is about, a file each: routes.json holds route
/// configurations by name.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  let folder: URL

  var testDescription: String { folder.lastPathComponent }

  /// The cases that have a file of that name. A suite that finds none must not pass.
  static func all(with file: String) -> [GoldenCase] {
    let cases = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")
    let folders = try? FileManager.default.contentsOfDirectory(
      at: cases, includingPropertiesForKeys: nil)
    let found = (folders ?? []).sorted { $0.path < $1.path }.map(GoldenCase.init).filter {
      FileManager.default.fileExists(atPath: $0.folder.appending(path: file).path)
    }
    precondition(!found.isEmpty, "no case under \(cases.path) has a \(file)")
    return found
  }

  /// The mesh of the case. Every object in it must be accepted.
  func model() throws -> MeshModel {
    let store = ObjectStore(Graph())
    for document in try documents("in.yaml") {
      let decoded = decode(document)
      if case .accepted(let resource) = decoded.outcome {
        store.put(resource)
      } else {
        Issue.record("\(decoded.outcome): \(decoded.diagnostics.map(\.problem))")
      }
    }
    if FileManager.default.fileExists(atPath: folder.appending(path: "mesh.yaml").path) {
      let settings = Settings<MeshConfig>(reading: try #require(try documents("mesh.yaml").first))
      store.set(meshConfig: try #require(settings.value))
    }
    if FileManager.default.fileExists(atPath: folder.appending(path: "networks.yaml").path) {
      let document = try #require(try documents("networks.yaml").first)
      store.set(meshNetworks: try #require(Settings<MeshNetworks>(reading: document).value))
    }
    return MeshModel(store, options: try options())
  }

  /// What a command line would say, from options.yaml; the defaults without it.
  private func options() throws -> MeshModel.Options {
    guard FileManager.default.fileExists(atPath: folder.appending(path: "options.yaml").path) else {
      return MeshModel.Options()
    }
    let root = try #require(try documents("options.yaml").first).root
    return MeshModel.Options(opensQUIC: root["opensQUIC"]?.content == .bool(true))
  }

  func proxy(in model: MeshModel) throws -> ProxyClass {
    model.proxies.proxyClass(ConnectedProxy(try node(), mayHaveSecrets: true))
  }

  /// The same proxy, if it were an Envoy without Istio's agent and extensions.
  func stockProxy(in model: MeshModel) throws -> ProxyClass {
    var node = try node()
    node.istioVersion = nil
    node.metadata.istioVersion = nil
    return model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
  }

  private func node() throws -> ProxyNode {
    let root = try #require(try documents("proxy.yaml").first).root
    guard case .string(let id)? = root["id"]?.content else {
      throw GoldenError.incomplete("proxy.yaml has no id")
    }
    return try ProxyNode.read(id: id, metadata: root["metadata"]).get()
  }

  func documents(_ file: String) throws -> [Document] {
    let bytes = [UInt8](try Data(contentsOf: folder.appending(path: file)))
    let parsed = ParsedFile(bytes, path: file)
    #expect(parsed.diagnostics.isEmpty)
    return parsed.documents
  }

  /// Compares what a table holds for the proxy with the case's file; with FAIRLEAD_UPDATE_GOLDENS=1 writes
  /// the file instead.
  func expect<Name>(
    _ file: String, in table: ResourceTable<Name>, for proxies: ProxyClass, type: String,
    of part: (Node) -> Node = { $0 }
  ) throws {
    let type = try #require(MessageType(named: type))
    let expected = try #require(try documents(file).first).root.withSortedKeys
    var entries: [Node.Entry] = []
    for name in table.names(proxies) {
      guard let body = table.bodies(ResourceKey(proxies, name)) else { continue }
      let node = try type.node(from: body.flattened()).get()
      entries.append(Node.Entry(key: table.text(name), value: part(node)))
    }
    let actual = Node(.mapping(entries)).withSortedKeys
    if ProcessInfo.processInfo.environment["FAIRLEAD_UPDATE_GOLDENS"] == "1" {
      try Data(actual.jsonBytes(.indented) + [UInt8(ascii: "\n")])
        .write(to: folder.appending(path: file))
      return
    }
    let differences = difference(
      expected.json(.indented).split(separator: "\n"), actual.json(.indented).split(separator: "\n")
    )
    #expect(differences.isEmpty, "\(testDescription)/\(file):\n\(differences)")
  }

  /// The first lines that differ, marked as in a diff.
  private func difference(_ expected: [Substring], _ actual: [Substring]) -> String {
    actual.difference(from: expected).prefix(40).map { change in
      switch change {
      case .remove(let line, let text, _): "-\(line + 1): \(text)"
      case .insert(let line, let text, _): "+\(line + 1): \(text)"
      }
    }.joined(separator: "\n")
  }
}

enum GoldenError: Error {
  case incomplete(String)
}
