internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// What is found in an AuthorizationPolicy: workloads it is for (istioctl's
/// auth.AuthorizationPoliciesAnalyzer), and whom it asks.
struct PolicyAnalysis {
  private let workloads: Workloads
  private let providers: ProviderNames
  private let rootNamespace: Derived<Bool, String>

  init(_ model: MeshModel, _ workloads: Workloads, _ providers: ProviderNames) {
    self.workloads = workloads
    self.providers = providers
    rootNamespace = model.policies.rootNamespace
  }

  func remarks(_ id: NamespacedName, _ policy: AuthorizationPolicy) -> [Remark] {
    unattached(id, policy.attachment) + unknownAuthorizer(policy)
  }

  private func unknownAuthorizer(_ policy: AuthorizationPolicy) -> [Remark] {
    guard case .custom(let name) = policy.action, providers[name] != .authorizer else { return [] }
    return [
      Remark(.field("provider"), .unknownAuthorizer(name, known: providers.authorizers))
    ]
  }

  private func unattached(_ id: NamespacedName, _ attachment: PolicyAttachment) -> [Remark] {
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
