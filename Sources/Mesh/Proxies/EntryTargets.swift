internal import Incremental
internal import Resources
internal import Store

/// The ports of ServiceEntries that end at an address: as one of their endpoints, or as that of a
/// workload they select (what istiod's registry of them answers to `GetProxyServiceTargets`).
struct EntryTargets {
  private let store: ObjectStore
  /// ServiceEntries by the addresses of their own endpoints.
  private let inline: Index<String, NamespacedName>
  private let workloads: Index<String, NamespacedName>
  /// Of a namespace, the ServiceEntries that select workloads.
  private let selecting: Index<String, NamespacedName>

  /// What a ServiceEntry may select.
  private struct Candidate {
    let entry: WorkloadEntry
    let labels: [String: String]
  }

  init(_ store: ObjectStore) {
    self.store = store
    inline = Index(store.graph)
    workloads = Index(store.graph)
    selecting = Index(store.graph)
    inline.follow(store.serviceEntries) { id, entry in
      let addresses = entry.spec.endpoints.compactMap(\.address)
      return (addresses.count > 1 ? Set(addresses).sorted() : addresses).map { ($0, id) }
    }
    workloads.follow(store.workloadEntries) { id, entry in
      entry.spec.address.map { [($0, id)] } ?? []
    }
    selecting.follow(store.serviceEntries) { id, entry in
      entry.spec.workloadSelector == nil ? [] : [(id.namespace, id)]
    }
  }

  /// Those of one namespace, as services keep to theirs; `pod` is the one that has the addresses.
  func targets(
    at addresses: [String], in namespace: String, pod: Object<Pod>?
  ) -> [ServiceTarget] {
    addresses.flatMap { address -> [ServiceTarget] in
      let own = inline[address].filter { $0.namespace == namespace }
        .compactMap { store.serviceEntries[$0] }
        .flatMap { entry in
          entry.spec.endpoints.filter { $0.address == address }.flatMap {
            ServiceTarget.all(of: entry, at: $0)
          }
        }
      return own + selected(at: address, in: namespace, pod: pod)
    }
  }

  private func selected(
    at address: String, in namespace: String, pod: Object<Pod>?
  ) -> [ServiceTarget] {
    let candidates = candidates(at: address, in: namespace, pod: pod)
    guard !candidates.isEmpty else { return [] }
    return selecting[namespace].compactMap { store.serviceEntries[$0] }.flatMap { entry in
      let labels = entry.spec.workloadSelector ?? [:]
      return candidates.filter { candidate in
        labels.allSatisfy { candidate.labels[$0.key] == $0.value }
      }.flatMap { ServiceTarget.all(of: entry, at: $0.entry) }
    }
  }

  private func candidates(
    at address: String, in namespace: String, pod: Object<Pod>?
  ) -> [Candidate] {
    let own = pod.flatMap { pod -> Candidate? in
      guard pod.metadata.namespace == namespace, pod.spec.address == address, pod.isEndpoint
      else { return nil }
      return Candidate(
        entry: WorkloadEntry(address: address, ports: pod.namedPorts), labels: pod.metadata.labels)
    }
    let others = workloads[address].filter { $0.namespace == namespace }
      .compactMap { store.workloadEntries[$0] }.filter(\.isSelectable)
      .map { Candidate(entry: $0.spec, labels: $0.mergedLabels) }
    return (own.map { [$0] } ?? []) + others
  }
}
