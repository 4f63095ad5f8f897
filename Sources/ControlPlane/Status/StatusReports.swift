internal import Diagnostics
internal import Documents
internal import Ingest
internal import Mesh
internal import Resources
internal import Store

/// What the status of a cluster's objects says and what it should say, on the compile thread.
///
/// Whoever has a status to write sets what is wanted of an object's fields; fields of one object that
/// different parts want are written together. Nothing here waits for a server, or for a push.
final class StatusReports {
  private let kinds: Set<WrittenStatus>
  private var seen: [ObjectName: (target: StatusTarget, status: SeenStatus)] = [:]
  /// The object that an origin told of.
  private var objects: [String: ObjectName] = [:]
  private var allocator = AddressAllocator()
  private var addresses: [NamespacedName: [ServiceEntry.AllocatedAddress]] = [:]
  /// What analysis found, by object.
  private var messages: [ObjectName: [Node]] = [:]
  /// Of what the next ``takeChanges()`` tells.
  private var changed: Set<ObjectName> = []
  private var gone: Set<StatusTarget> = []

  init(_ kinds: Set<WrittenStatus>) { self.kinds = kinds }

  private func writes(_ served: ServedKind) -> Bool {
    served.kind == .serviceEntry || (kinds.contains(.analysis) && served.isRevisioned)
  }

  // MARK: What is there

  /// Takes an object as the server has it; `store` holds what counts of it.
  func saw(_ file: ReadObjects, at path: String, _ store: ObjectStore) {
    guard let document = file.documents.first, let served = document.served, writes(served),
      let status = document.status, let object = document.name
    else { return }
    let target = StatusTarget(
      group: served.group, plural: served.plural, namespace: object.namespace,
      name: object.name)
    objects[path] = object
    seen[object] = (target, status)
    changed.insert(object)
    allocate(for: object, store)
  }

  /// The object is gone, or counts no more.
  func lost(_ path: String, _ store: ObjectStore) {
    guard let object = objects.removeValue(forKey: path),
      let (target, _) = seen.removeValue(forKey: object)
    else { return }
    messages[object] = nil
    changed.remove(object)
    gone.insert(target)
    allocate(for: object, store)
  }

  private func allocate(for object: ObjectName, _ store: ObjectStore) {
    guard kinds.contains(.addresses), object.kind == Kind.serviceEntry.rawValue else { return }
    let id = NamespacedName(namespace: object.namespace, name: object.name)
    allocator.take(id, seen[object] == nil ? nil : store.serviceEntries.current(id))
  }

  // MARK: What is wanted

  /// Takes all that analysis finds, as `istioctl analyze` would.
  func take(findings: @autoclosure () -> [Diagnostic]) {
    guard kinds.contains(.analysis) else { return }
    var found: [ObjectName: [Node]] = [:]
    // Codes in their order, whatever the order they were found in.
    for finding in findings().sorted(by: { $0.rank < $1.rank }) {
      guard let object = finding.object, let code = finding.code else { continue }
      found[object, default: []].append(Node(finding.severity, code))
    }
    for object in Set(found.keys).union(messages.keys) where found[object] != messages[object] {
      changed.insert(object)
    }
    messages = found
  }

  /// What is different since it was last asked, for the writer.
  func takeChanges() -> [StatusTarget: StatusReport?] {
    if kinds.contains(.addresses) {
      for (id, wanted) in allocator.settle() {
        addresses[id] = wanted
        changed.insert(
          ObjectName(
            kind: Kind.serviceEntry.rawValue, namespace: id.namespace, name: id.name))
      }
    }
    var reports: [StatusTarget: StatusReport?] = [:]
    for target in gone { reports[target] = .some(nil) }
    for object in changed {
      guard let (target, status) = seen[object] else { continue }
      let wanted = wanted(of: object, status)
      reports[target] = .some(
        wanted.fields.isEmpty ? nil : StatusReport(seen: status, wanted: wanted))
    }
    (changed, gone) = ([], [])
    return reports
  }

  /// What the status of each object should say, as far as it is written here.
  var all: [ObjectName: WantedStatus] {
    seen.reduce(into: [:]) { all, entry in
      let wanted = wanted(of: entry.key, entry.value.status)
      if !wanted.fields.isEmpty { all[entry.key] = wanted }
    }
  }

  private func wanted(of object: ObjectName, _ status: SeenStatus) -> WantedStatus {
    var fields: [Node.Entry] = []
    if object.kind == Kind.serviceEntry.rawValue,
      let addresses = addresses[NamespacedName(namespace: object.namespace, name: object.name)]
    {
      fields.append(.init(key: "addresses", value: Node(.sequence(addresses.map(Node.init)))))
    }
    let hasMessages = status.hasMessages
    if kinds.contains(.analysis), messages[object] != nil || hasMessages {
      fields.append(
        .init(key: "validationMessages", value: Node(.sequence(messages[object] ?? []))))
      if let generation = status.generation {
        fields.append(.init(key: "observedGeneration", value: Node(.integer(generation))))
      }
    }
    return WantedStatus(fields)
  }
}

extension SeenStatus {
  /// Whether somebody's analysis had something to say.
  fileprivate var hasMessages: Bool {
    if case .sequence(let items)? = status["validationMessages"]?.content {
      !items.isEmpty
    } else {
      false
    }
  }
}

extension Diagnostic {
  fileprivate var rank: (String, String) { (code?.description ?? "", severity.rawValue) }
}

extension Node {
  /// istio.networking.v1alpha3.ServiceEntryAddress.
  fileprivate init(_ address: ServiceEntry.AllocatedAddress) {
    self.init(
      .mapping([
        .init(key: "value", value: .text(address.value)),
        .init(key: "host", value: .text(address.host ?? "")),
      ]))
  }

  /// istio.analysis.v1alpha1.AnalysisMessageBase: code and severity, no words.
  fileprivate init(_ severity: Diagnostic.Severity, _ code: Code) {
    let page = "https://istio.io/latest/docs/reference/config/analysis/\(code)/".lowercased()
    self.init(
      .mapping([
        .init(key: "documentationUrl", value: .text(page)),
        .init(key: "level", value: .text(severity.rawValue.uppercased())),
        .init(key: "type", value: Node(.mapping([.init(key: "code", value: .text("\(code)"))]))),
      ]))
  }
}
