internal import Incremental
internal import Resources
internal import Store

/// The workloads that labels select, as far as their pods and WorkloadEntries are known.
struct Workloads {
  /// A pod of some cluster, or a WorkloadEntry.
  struct Name: Hashable, Comparable {
    let kind: Kind
    let id: LocatedName

    static func < (a: Self, b: Self) -> Bool {
      (a.id, a.kind.rawValue) < (b.id, b.kind.rawValue)
    }
  }

  struct Selection: Hashable {
    let labels: [String: String]
    /// Nil for all.
    let namespace: String?
  }

  private struct Label: Hashable {
    let key: String
    let value: String
  }

  private let byLabel: Index<Label, Name>
  private let byNamespace: Index<String, Name>
  private let all: Index<WholeMesh, Name>
  private let selected: Derived<Selection, [Name]>
  private let known: Derived<WholeMesh, Bool>
  private let store: ObjectStore

  init(_ store: ObjectStore) {
    let graph = store.graph
    let byLabel = Index<Label, Name>(graph)
    let byNamespace = Index<String, Name>(graph)
    let all = Index<WholeMesh, Name>(graph)
    Self.follow(
      store.pods, { Name(kind: .pod, id: $0) }, { $0.metadata.labels }, byLabel, byNamespace, all)
    Self.follow(
      store.workloadEntries, { Name(kind: .workloadEntry, id: LocatedName($0)) },
      { $0.spec.labels }, byLabel, byNamespace, all)
    let labels = { (name: Name) in Self.labels(of: name, in: store) }
    selected = Derived(graph, "selected workloads") { selection in
      let candidates =
        selection.labels.min { $0.key < $1.key }.map {
          byLabel[Label(key: $0.key, value: $0.value)]
        }
        ?? selection.namespace.map { byNamespace[$0] } ?? all[WholeMesh()]
      return candidates.filter { name in
        guard selection.namespace == nil || selection.namespace == name.id.namespace else {
          return false
        }
        let own = selection.labels.count > 1 ? labels(name) : selection.labels
        return selection.labels.allSatisfy { own[$0.key] == $0.value }
      }
    }
    known = Derived(graph, "workloads are known") { !all[$0].isEmpty }
    self.byLabel = byLabel
    self.byNamespace = byNamespace
    self.all = all
    self.store = store
  }

  /// Of the workload as it is; none for one that is gone. Not remembered: there are many workloads.
  func labels(_ name: Name) -> [String: String] { Self.labels(of: name, in: store) }

  private static func labels(of name: Name, in store: ObjectStore) -> [String: String] {
    name.kind == .pod
      ? store.pods[name.id]?.metadata.labels ?? [:]
      : store.workloadEntries[name.id.id]?.spec.labels ?? [:]
  }

  private static func follow<ID, Spec>(
    _ inputs: Inputs<ID, Object<Spec>>, _ name: @escaping (ID) -> Name,
    _ labels: @escaping (Object<Spec>) -> [String: String],
    _ byLabel: Index<Label, Name>, _ byNamespace: Index<String, Name>,
    _ all: Index<WholeMesh, Name>
  ) {
    byLabel.follow(inputs) { id, object in
      labels(object).map { (Label(key: $0.key, value: $0.value), name(id)) }
    }
    byNamespace.follow(inputs) { id, _ in [(name(id).id.namespace, name(id))] }
    all.follow(inputs) { id, _ in [(WholeMesh(), name(id))] }
  }

  /// Files may say nothing of workloads; what selects none of them is then nothing to speak of.
  var areKnown: Bool { known(WholeMesh()) }

  func selected(by labels: [String: String], in namespace: String? = nil) -> [Name] {
    selected(Selection(labels: labels, namespace: namespace))
  }
}

/// `app=edge,zone=a`, as kubectl takes it.
func text(of selector: [String: String]) -> String {
  selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
}
