internal import Documents

/// The ConfigMap that holds the mesh's own settings, as istiod reads them: MeshConfig under `mesh`,
/// MeshNetworks under `meshNetworks`.
package struct MeshSettings: Sendable {
  /// The ConfigMap's origin.
  private let configMap: String

  /// `istio` in the root namespace, and `istio-REVISION` for a revision with a name.
  package init(rootNamespace: String, revision: String) {
    let name = revision.isEmpty || revision == "default" ? "istio" : "istio-\(revision)"
    configMap = "configmaps/\(rootNamespace)/\(name)"
  }

  /// What the two texts are told as.
  package var meshConfig: String { "\(configMap)/mesh" }
  package var meshNetworks: String { "\(configMap)/meshNetworks" }

  func stands(at origin: String) -> Bool { origin == configMap }

  /// The texts of an object that is this ConfigMap, as files of their own. One that is not there, or
  /// empty, says nothing: what was read last stays.
  func files(in root: Node, origin: String, limits: DocumentLimits) -> [ParsedFile] {
    guard origin == configMap else { return [] }
    return [("mesh", meshConfig), ("meshNetworks", meshNetworks)].compactMap { key, path in
      guard let text = root["data"]?[key]?.text, !text.isEmpty else { return nil }
      let file = ParsedFile(Array(text.utf8), path: path, limits: limits)
      return file.documents.isEmpty && file.diagnostics.isEmpty ? nil : file
    }
  }
}
