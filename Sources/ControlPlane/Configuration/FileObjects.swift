package import Diagnostics
package import Documents
internal import Resources
package import Store

/// The objects that files define, brought into the store: what each file said last, which of its
/// objects count, and everything there is to say about them.
///
/// Not here, on purpose: reading files (Ingest) and what objects mean to each other (Mesh).
package final class FileObjects {
  private let store: ObjectStore
  private var ledger = Ledger()
  private var diagnosticsByFile: [String: [Diagnostic]] = [:]
  /// Kinds that are accepted and not served yet, which are reported once.
  private var unservedKinds: Set<String> = []

  package init(_ store: ObjectStore) { self.store = store }

  /// Takes what a file says now; answers what is new to say about it.
  @discardableResult package func replace(_ file: ParsedFile) -> [Diagnostic] {
    var definitions: [Ledger.Definition] = []
    var found = file.diagnostics
    for document in file.documents {
      let decoded = decode(document)
      let place = document.root.position.place(in: file.path)
      switch decoded.outcome {
      case .accepted(let resource):
        definitions.append(
          Ledger.Definition(name: resource.name, place: place, content: .accepted(resource)))
        found += decoded.diagnostics
      case .refused(let name):
        let reason = decoded.diagnostics.first { $0.severity == .error }?.summary ?? "not valid"
        definitions.append(
          Ledger.Definition(name: name, place: place, content: .refused(reason: reason)))
        found += decoded.diagnostics
      case .unserved(let name, let apiVersion):
        if unservedKinds.insert("\(apiVersion) \(name.kind)").inserted {
          found += decoded.diagnostics
        }
      case .ignored: found += decoded.diagnostics
      }
    }
    let before = diagnosticsByFile[file.path] ?? []
    diagnosticsByFile[file.path] = found.isEmpty ? nil : found
    perform(
      ledger.replace(
        file: file.path, with: definitions, isBroken: file.extent != .whole))
    return found.filter { !before.contains($0) }
  }

  /// The file is gone, and what it defined with it.
  package func remove(_ path: String) {
    diagnosticsByFile[path] = nil
    perform(ledger.remove(file: path))
  }

  private func perform(_ changes: [Ledger.Change]) {
    for change in changes {
      switch change {
      case .put(let resource): store.put(resource)
      case .remove(let name):
        guard let kind = Kind(rawValue: name.kind) else { continue }
        store.remove(kind, NamespacedName(namespace: name.namespace, name: name.name))
      }
    }
  }

  /// Objects that are refused as they stand, and why.
  package var refusals: [ObjectName: String] { ledger.refusals }

  /// Everything wrong or without effect, by file and line.
  package var diagnostics: [Diagnostic] {
    (diagnosticsByFile.values.flatMap { $0 } + ledger.duplicates).sorted { $0.place < $1.place }
  }
}
