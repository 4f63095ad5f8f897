internal import Diagnostics
internal import Resources
internal import Store

/// The objects that files define, brought into the store: what each file said last, which of its
/// objects count, and everything there is to say about them.
///
/// Not here, on purpose: reading files (Ingest) and what objects mean to each other (Mesh).
final class FileObjects {
  private let store: ObjectStore
  private let cluster: KubernetesCluster
  /// What is different since somebody took it.
  var changes = ChangedObjects()
  private var ledger = Ledger()
  private var refusedByFile: [String: Set<ObjectName>] = [:]
  private var diagnosticsByFile: [String: [Diagnostic]] = [:]
  /// Kinds that are accepted and not served yet, which are reported once.
  private var unservedKinds: Set<String> = []

  init(_ store: ObjectStore, of cluster: KubernetesCluster = .own) {
    self.store = store
    self.cluster = cluster
  }

  /// Takes what a file says now; answers what is new to say about it.
  @discardableResult func replace(_ file: ReadObjects, of path: String) -> [Diagnostic] {
    if let document = file.only, file.diagnostics.isEmpty, take(document, of: path) { return [] }
    var definitions: [Ledger.Definition] = []
    var refused: [ObjectName: Resource?] = [:]
    var found = file.diagnostics
    for document in file.documents {
      let (decoded, place) = (document.decoded, document.place)
      switch decoded.outcome {
      case .accepted(let resource):
        definitions.append(
          Ledger.Definition(name: resource.name, place: place, content: .accepted(resource)))
        found += decoded.diagnostics
      case .refused(let name):
        let reason = decoded.diagnostics.first { $0.severity == .error }?.summary ?? "not valid"
        definitions.append(
          Ledger.Definition(name: name, place: place, content: .refused(reason: reason)))
        refused[name] = .some(decoded.refused)
        found += decoded.diagnostics
      case .unserved(let name, let apiVersion):
        if unservedKinds.insert("\(apiVersion) \(name.kind)").inserted {
          found += decoded.diagnostics
        }
      case .ignored: found += decoded.diagnostics
      }
    }
    refuse(refused, in: path)
    let before = diagnosticsByFile[path]
    if !found.isEmpty || before != nil { diagnosticsByFile[path] = found.isEmpty ? nil : found }
    perform(
      ledger.replace(file: path, with: definitions, isBroken: file.extent != .whole)
    ) { [documents = file.documents] name in
      documents.first { $0.name == name }.map { ObjectChange(name, in: $0) }
    }
    return found.filter { before?.contains($0) != true }
  }

  /// An API server's event brings one object anew, mostly with nothing to say of it, nor of the one
  /// before: that takes no lists. False where it is not so simple.
  private func take(_ document: ReadDocument, of path: String) -> Bool {
    guard case .accepted(let resource) = document.decoded.outcome,
      document.decoded.diagnostics.isEmpty, refusedByFile.isEmpty,
      diagnosticsByFile.isEmpty || diagnosticsByFile[path] == nil,
      let now = ledger.replace(file: path, withOnly: resource)
    else { return false }
    put(now) { ObjectChange(now.name, in: document) }
    return true
  }

  /// The file is gone, and what it defined with it.
  func remove(_ path: String) {
    diagnosticsByFile[path] = nil
    refuse([:], in: path)
    perform(ledger.remove(file: path)) { _ in nil }
  }

  /// Takes back all that the files defined.
  func removeAll() {
    for path in ledger.paths { remove(path) }
  }

  private func refuse(_ refused: [ObjectName: Resource?], in path: String) {
    // What is said of refused objects is said of the mesh's configuration.
    guard cluster == .own, !refused.isEmpty || !refusedByFile.isEmpty else { return }
    let before = refusedByFile.removeValue(forKey: path) ?? []
    if !refused.isEmpty { refusedByFile[path] = Set(refused.keys) }
    for name in before.subtracting(refused.keys)
    where !refusedByFile.values.contains(where: { $0.contains(name) }) {
      store.refused.set(name, to: nil)
    }
    for (name, resource) in refused { store.refused.set(name, to: .some(resource)) }
  }

  /// `told` answers how an object stands in what was just told, where it does.
  private func perform(
    _ ledgerChanges: [Ledger.Change], _ told: (ObjectName) -> ObjectChange?
  ) {
    for change in ledgerChanges {
      switch change {
      case .put(let resource):
        put(resource) {
          told(resource.name) ?? ObjectChange(resource.name, isRemoved: false)
        }
      case .remove(let name):
        let id = NamespacedName(namespace: name.namespace, name: name.name)
        guard let kind = Kind(rawValue: name.kind), store.remove(kind, id, in: cluster) else {
          continue
        }
        note { ObjectChange(name, isRemoved: true) }
      }
    }
  }

  private func put(_ resource: Resource, _ change: () -> ObjectChange) {
    if store.put(resource, in: cluster) { note(change) }
  }

  private func note(_ change: () -> ObjectChange) {
    changes.note {
      var change = change()
      if case .remote(let name) = cluster { change.cluster = name }
      return change
    }
  }

  /// Objects that are refused as they stand, and why.
  var refusals: [ObjectName: String] { ledger.refusals }

  /// Everything wrong or without effect, by file and line.
  var diagnostics: [Diagnostic] {
    (diagnosticsByFile.values.flatMap { $0 } + ledger.duplicates).sorted { $0.place < $1.place }
  }
}
