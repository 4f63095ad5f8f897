internal import Diagnostics
internal import Incremental
internal import Resources
internal import Store

/// Objects of a kind of which a workload follows one: several for all of a namespace, and several that
/// select one workload (istioctl's sidecar and telemetry SelectorAnalyzer).
struct SelectorConflicts {
  /// The codes that istioctl has for the two, by kind.
  enum Subject {
    case sidecar, telemetry
  }

  private struct Member: Hashable, Comparable {
    let id: NamespacedName
    /// Nil for all of the namespace.
    let selector: [String: String]?

    static func < (a: Self, b: Self) -> Bool { a.id < b.id }
  }

  private let subject: Subject
  private let workloads: Workloads
  private let members: Index<String, Member>

  init<Spec>(
    _ store: ObjectStore, _ objects: WrittenObjects<Spec>, _ subject: Subject,
    _ workloads: Workloads, selector: @escaping (Spec) -> [String: String]?
  ) {
    let members = Index<String, Member>(store.graph)
    objects.feed(members) { written, object in
      [(written.id.namespace, Member(id: written.id, selector: selector(object.spec)))]
    }
    self.members = members
    self.subject = subject
    self.workloads = workloads
  }

  func remarks(_ id: NamespacedName, _ selector: [String: String]?) -> [Remark] {
    let others = members[id.namespace].filter { $0.id != id }
    guard let selector else {
      let same = others.filter { $0.selector == nil }.map(\.id.description)
      return same.isEmpty ? [] : [Remark(.whole, severalForAll(same), basis: basisForAll)]
    }
    guard !selector.isEmpty, workloads.areKnown else { return [] }
    let selected = workloads.selected(by: selector, in: id.namespace)
    guard !selected.isEmpty else {
      return [
        Remark(
          field, .selectsNothing(text(of: selector), "The object has no effect"),
          basis: .surroundings)
      ]
    }
    for workload in selected {
      let labels = workloads.labels(workload)
      let rivals = others.filter { other in
        (other.selector?.isEmpty ?? true) == false
          && (other.selector ?? [:]).allSatisfy { labels[$0.key] == $0.value }
      }
      guard !rivals.isEmpty else { continue }
      let finding = severalForOne(workload.id.description, rivals.map(\.id.description))
      return [Remark(field, finding, basis: .surroundings)]
    }
    return []
  }

  private var field: Spot {
    switch subject {
    case .sidecar: .field("workloadSelector")
    case .telemetry: .field("selector")
    }
  }

  private var basisForAll: Remark.Basis {
    switch subject {
    case .sidecar: .surroundings
    case .telemetry: .configuration
    }
  }

  private func severalForAll(_ others: [String]) -> Finding {
    switch subject {
    case .sidecar: .severalSidecarsForAll(others)
    case .telemetry: .severalTelemetriesForAll(others)
    }
  }

  private func severalForOne(_ workload: String, _ others: [String]) -> Finding {
    switch subject {
    case .sidecar: .severalSidecarsForOne(workload, others)
    case .telemetry: .severalTelemetriesForOne(workload, others)
    }
  }
}
