internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// What is found in an AuthorizationPolicy by where it is (istioctl's
/// auth.AuthorizationPoliciesAnalyzer).
struct PolicyAnalysis {
  private let workloads: Workloads
  private let rootNamespace: Derived<Bool, String>

  init(_ model: MeshModel, _ workloads: Workloads) {
    self.workloads = workloads
    rootNamespace = model.policies.rootNamespace
  }

  func remarks(_ id: NamespacedName, _ attachment: PolicyAttachment) -> [Remark] {
    guard attachment.targets.isEmpty, workloads.areKnown else { return [] }
    let isForMesh = id.namespace == rootNamespace(true)
    let labels = attachment.selector ?? [:]
    guard !(isForMesh && labels.isEmpty),
      workloads.selected(by: labels, in: isForMesh ? nil : id.namespace).isEmpty
    else { return [] }
    return [
      Remark(.field("selector"), .policyOfNoWorkload(text(of: labels)), basis: .surroundings)
    ]
  }
}
