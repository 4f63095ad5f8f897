internal import Resources
internal import Store

/// What is found in a Sidecar.
struct SidecarAnalysis {
  private let conflicts: SelectorConflicts

  init(_ store: ObjectStore, _ workloads: Workloads) {
    conflicts = SelectorConflicts(store, store.writtenSidecars, .sidecar, workloads) {
      $0.workloadSelector
    }
  }

  func remarks(_ id: NamespacedName, _ sidecar: Sidecar) -> [Remark] {
    conflicts.remarks(id, sidecar.workloadSelector)
  }
}
