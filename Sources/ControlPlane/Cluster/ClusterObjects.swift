internal import Diagnostics
internal import Ingest
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
  /// The files that hold namespaces.
  private var namespaceFiles: Set<String> = []
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
  func take(_ batch: ReadBatch) -> [Diagnostic] {
    isIncomplete = false
    var found: [Diagnostic] = []
    var isChoiceOther = false
    for path in batch.removed {
      inForce[path] = nil
      if namespaceFiles.remove(path) != nil { isChoiceOther = true }
      engine.remove(path, of: cluster)
    }
    for file in batch.files where file.isDeciding {
      isChoiceOther = true
      if case .objects = file.content { namespaceFiles.insert(file.path) }
      found += engine.replace(file, of: cluster)
    }
    if isChoiceOther { settle() }
    let isAll = engine.discoversAll
    for file in batch.files where !file.isDeciding { found += take(file, outOfAll: isAll) }
    return found
  }

  private func take(_ file: ReadFile, outOfAll isAll: Bool) -> [Diagnostic] {
    guard let namespace = file.namespace else { return engine.replace(file, of: cluster) }
    guard isAll || engine.discovers(namespace, in: cluster) else {
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
