internal import Incremental
internal import Resources
internal import Store

/// The workloads that labels select, as far as their pods and WorkloadEntries are known.
///
/// There are more of them than of anything else: they are listed in parts of the mesh, by namespace. What
/// is asked goes through a part's sets of labels first.
struct Workloads {
  /// A pod of some cluster, or a WorkloadEntry.
  struct Name: Digested, Comparable {
    let kind: Kind
    let id: LocatedName

    static func < (a: Self, b: Self) -> Bool {
      (a.id, a.kind.rawValue) < (b.id, b.kind.rawValue)
    }
  }

  /// A workload of a part. That its labels are others is seen by the part, which reads no pod.
  private struct Member: Hashable, Comparable {
    let id: LocatedName
    let labels: [String: String]

    static func < (a: Self, b: Self) -> Bool { a.id < b.id }
  }

  struct Selection: Digested {
    let labels: [String: String]
    /// Nil for all.
    let namespace: String?

    func takes(_ labels: [String: String], in namespace: String) -> Bool {
      self.namespace ?? namespace == namespace
        && self.labels.allSatisfy { labels[$0.key] == $0.value }
    }
  }

  private let selected: Derived<Selection, [Name]>
  private let labelSets: Derived<Selection, [[String: String]]>
  private let known: Single<Bool>
  private let store: ObjectStore

  init(_ store: ObjectStore) {
    let graph = store.graph
    let pods = Index<MeshPart, Member>(graph)
    pods.follow(store.pods) { id, pod in
      [(MeshPart(of: id.namespace), Member(id: id, labels: pod.metadata.labels))]
    }
    let entries = Index<MeshPart, Member>(graph)
    entries.follow(store.workloadEntries) { id, entry in
      [(MeshPart(of: id.namespace), Member(id: LocatedName(id), labels: entry.spec.labels))]
    }
    let members = { (part: MeshPart) in
      pods[part].map { (name: Name(kind: .pod, id: $0.id), labels: $0.labels) }
        + entries[part].map { (name: Name(kind: .workloadEntry, id: $0.id), labels: $0.labels) }
    }
    let groups = Derived<MeshPart, WorkloadGroups>(graph, "workload groups") {
      WorkloadGroups(members($0))
    }
    let parts = { (selection: Selection) in
      selection.namespace.map { [MeshPart(of: $0)] } ?? Array(MeshPart.all)
    }
    // Made for a part when one of its workloads is asked for by name, and not anew for each selection.
    let names = Derived<MeshPart, [WorkloadGroups.Group: [Name]]>(graph, "workloads by labels") {
      Dictionary(grouping: members($0)) { WorkloadGroups.Group($0.name, $0.labels) }
        .mapValues { $0.map(\.name) }
    }
    selected = Derived(graph, "selected workloads") { selection in
      parts(selection).flatMap { part in
        groups(part).matching(selection).flatMap { names(part)[$0] ?? [] }
      }.sorted()
    }
    labelSets = Derived(graph, "labels of selected workloads") { selection in
      parts(selection).flatMap { groups($0).matching(selection) }.map(\.labels)
    }
    known = Single(graph, "workloads are known") {
      MeshPart.all.contains { !groups($0).isEmpty }
    }
    self.store = store
  }

  /// Of the workload as it is; none for one that is gone. Not remembered: there are many workloads.
  func labels(_ name: Name) -> [String: String] { Self.labels(of: name, in: store) }

  private static func labels(of name: Name, in store: ObjectStore) -> [String: String] {
    name.kind == .pod
      ? store.pods[name.id]?.metadata.labels ?? [:]
      : store.workloadEntries[name.id.id]?.spec.labels ?? [:]
  }

  /// Files may say nothing of workloads; what selects none of them is then nothing to speak of.
  var areKnown: Bool { known() }

  func selected(by labels: [String: String], in namespace: String? = nil) -> [Name] {
    selected(Selection(labels: labels, namespace: namespace))
  }

  /// Whether there are any.
  func areSelected(by labels: [String: String], in namespace: String? = nil) -> Bool {
    !labelSets(of: labels, in: namespace).isEmpty
  }

  /// The labels of those that are selected, alike ones mostly once.
  func labelSets(
    of labels: [String: String], in namespace: String? = nil
  ) -> [[String: String]] {
    labelSets(Selection(labels: labels, namespace: namespace))
  }
}

/// `app=edge,zone=a`, as kubectl takes it.
func text(of selector: [String: String]) -> String {
  selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
}
