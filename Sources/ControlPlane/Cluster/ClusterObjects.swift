internal import Diagnostics
internal import Documents
internal import Ingest
internal import Resources
internal import Store

/// A cluster's objects on their way to the engine: those in namespaces that MeshConfig's
/// `discoverySelectors` choose, and those of no namespace.
///
/// What is left out is not kept: when its namespace comes to be chosen, the source tells all again.
final class ClusterObjects {
  private let engine: Engine
  private let cluster: KubernetesCluster
  /// What counts, by origin: the namespace of each.
  private var inForce: [String: String] = [:]
  /// Namespaces of which something was left out.
  private var leftOut: Set<String> = []
  /// Whether something that was left out counts now, so that everything is to be told again.
  private(set) var isIncomplete = false

  init(_ engine: Engine, of cluster: KubernetesCluster = .own) {
    self.engine = engine
    self.cluster = cluster
    engine.isFedByCluster = true
  }

  /// Takes what a source has to say; answers what is new to say about it.
  func take(_ batch: Batch) -> [Diagnostic] {
    isIncomplete = false
    let isDeciding = { (file: ParsedFile) in
      self.engine.settingsFiles.contains(file.path) || file.kind == Kind.namespace.rawValue
    }
    var found: [Diagnostic] = []
    for path in batch.removed {
      inForce[path] = nil
      engine.remove(path, of: cluster)
    }
    let deciding = batch.files.filter(isDeciding)
    for file in deciding { found += engine.replace(file, of: cluster) }
    // It looks at all there is; of a pod's change it has nothing to learn.
    if !deciding.isEmpty || !batch.removed.isEmpty { settle() }
    for file in batch.files where !isDeciding(file) { found += take(file) }
    return found
  }

  private func take(_ file: ParsedFile) -> [Diagnostic] {
    guard let namespace = file.namespace else { return engine.replace(file, of: cluster) }
    guard engine.discovers(namespace, in: cluster) else {
      leftOut.insert(namespace)
      if inForce.removeValue(forKey: file.path) != nil { engine.remove(file.path, of: cluster) }
      return []
    }
    inForce[file.path] = namespace
    return engine.replace(file, of: cluster)
  }

  /// Follows the choice of namespaces as it is now.
  func settle() {
    let namespaces = Set(inForce.values)
    let lost = namespaces.filter { !engine.discovers($0, in: cluster) }
    if !lost.isEmpty {
      for (path, namespace) in inForce where lost.contains(namespace) {
        inForce[path] = nil
        engine.remove(path, of: cluster)
      }
      leftOut.formUnion(lost)
    }
    let won = leftOut.filter { engine.discovers($0, in: cluster) }
    leftOut.subtract(won)
    isIncomplete = !won.isEmpty
  }
}

extension ParsedFile {
  /// Of the one object that a cluster's file holds.
  fileprivate var kind: String? { text("kind") }
  fileprivate var namespace: String? {
    guard case .string(let name)? = documents.first?.root["metadata"]?["namespace"]?.content,
      !name.isEmpty
    else { return nil }
    return name
  }

  private func text(_ field: String) -> String? {
    guard case .string(let text)? = documents.first?.root[field]?.content else { return nil }
    return text
  }
}
