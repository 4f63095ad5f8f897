internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// What is found in PeerAuthentications and RequestAuthentications: workloads they are for, and older
/// ones that count in their place. istioctl has nothing to say of either.
struct AuthenticationAnalysis {
  private let workloads: Workloads
  private let rootNamespace: Single<String>
  /// A namespace's PeerAuthentications without a selector, oldest first.
  private let peersForAll: Index<String, Rank>

  init(_ model: MeshModel, _ workloads: Workloads) {
    self.workloads = workloads
    rootNamespace = model.policies.rootNamespace
    let peersForAll = Index<String, Rank>(model.graph)
    peersForAll.follow(model.store.peerAuthentications) { id, policy in
      policy.spec.isForAll ? [(id.namespace, Rank(policy.metadata))] : []
    }
    self.peersForAll = peersForAll
  }

  func remarks(_ id: NamespacedName, _ policy: PeerAuthentication) -> [Remark] {
    let isForMesh = id.namespace == rootNamespace()
    guard !policy.isForAll else {
      guard let oldest = peersForAll[id.namespace].first, oldest.id != id else { return [] }
      return [Remark(.whole, .olderPeerAuthentication(oldest.id.description))]
    }
    return isForMesh
      ? [Remark(.field("selector"), .peerSelectorOfMesh())]
      : workloads.unattached(id, policy.attachment, isForMesh: false)
  }

  func remarks(_ id: NamespacedName, _ policy: RequestAuthentication) -> [Remark] {
    workloads.unattached(id, policy.attachment, isForMesh: id.namespace == rootNamespace())
  }
}

extension PeerAuthentication {
  fileprivate var isForAll: Bool { attachment.selector?.isEmpty ?? true }
}

extension Workloads {
  /// Where a policy by labels is for no workload that is known.
  func unattached(
    _ id: NamespacedName, _ attachment: PolicyAttachment, isForMesh: Bool
  ) -> [Remark] {
    let labels = attachment.selector ?? [:]
    guard attachment.targets.isEmpty, areKnown, !(isForMesh && labels.isEmpty),
      !areSelected(by: labels, in: isForMesh ? nil : id.namespace)
    else { return [] }
    return [
      Remark(.field("selector"), .policyOfNoWorkload(text(of: labels)), basis: .surroundings)
    ]
  }
}
