internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// What is found in an AuthorizationPolicy: workloads it is for (istioctl's
/// auth.AuthorizationPoliciesAnalyzer), and whom it asks.
struct PolicyAnalysis {
  private let model: MeshModel
  private let workloads: Workloads
  private let rootNamespace: Derived<Bool, String>

  init(_ model: MeshModel, _ workloads: Workloads) {
    self.model = model
    self.workloads = workloads
    rootNamespace = model.policies.rootNamespace
  }

  func remarks(_ id: NamespacedName, _ policy: AuthorizationPolicy) -> [Remark] {
    unattached(id, policy.attachment) + authorizer(policy.action)
  }

  private func authorizer(_ action: AuthorizationPolicy.Action) -> [Remark] {
    guard case .custom(let name) = action,
      case .problem(let problem) = model.authorizer(named: name)
    else { return [] }
    return switch problem {
    case .unknown(let known):
      [Remark(.field("provider"), .unknownAuthorizer(name, known: known))]
    case .unusable: [Remark(.field("provider"), .unusableAuthorizer(name))]
    case .serviceNotFound(let host):
      [
        Remark(
          .field("provider"), .authorizerWithoutService(name, host: host), basis: .surroundings)
      ]
    }
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
