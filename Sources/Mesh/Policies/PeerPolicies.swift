package import Incremental
package import Resources
internal import Store

/// Whether workloads take mutual TLS, by their PeerAuthentications (istiod's
/// `pilot/pkg/model/authentication.go`): one of the mesh's root namespace, over it one of the
/// workload's namespace, over that one that selects the workload; of several the oldest.
package final class PeerQueries {
  /// What holds in a namespace.
  package let policies: Derived<String, PeerPolicies>
  /// Of it, what holds for workloads that no policy selects, and for services as such.
  package let mode: Derived<String, PeerAuthentication.Mode>

  /// A namespace's objects: the oldest without a selector, and those with one, oldest first.
  private struct Written: Hashable {
    var forAll: PeerAuthentication?
    var selecting: [PeerAuthentication]
  }

  init(_ store: ObjectStore, rootNamespace: Single<String>) {
    let byNamespace = Index<String, Rank>(store.graph)
    byNamespace.follow(store.peerAuthentications) { id, policy in
      [(id.namespace, Rank(policy.metadata))]
    }
    let written = Derived<String, Written>(store.graph, "peerAuthentications") { namespace in
      let all = byNamespace[namespace].compactMap { store.peerAuthentications[$0.id]?.spec }
      return Written(
        forAll: all.first { $0.selector.isEmpty },
        selecting: all.filter { !$0.selector.isEmpty })
    }
    let ofMesh = Single<PeerAuthentication.Mode?>(store.graph, "meshPeerMode") {
      written(rootNamespace()).forAll?.mode
    }
    let policies = Derived<String, PeerPolicies>(store.graph, "peerPolicies") { namespace in
      // A selector in the root namespace selects nothing, not even there.
      let isRoot = namespace == rootNamespace()
      let own = isRoot ? Written(forAll: nil, selecting: []) : written(namespace)
      return PeerPolicies(
        mode: own.forAll?.mode ?? ofMesh() ?? .permissive, selecting: own.selecting)
    }
    self.policies = policies
    mode = Derived(store.graph, "peerMode") { policies($0).mode }
  }
}

/// The PeerAuthentications of one namespace, with what it inherits.
package struct PeerPolicies: Hashable, Sendable {
  fileprivate let mode: PeerAuthentication.Mode
  fileprivate let selecting: [PeerAuthentication]

  /// For one of a workload's ports, by the number that it listens on.
  package func mode(
    labels: @autoclosure () -> WorkloadLabels, port: Int?
  ) -> PeerAuthentication.Mode {
    guard !selecting.isEmpty else { return mode }
    let labels = labels()
    let selected = selecting.first { policy in
      policy.selector.allSatisfy { labels[$0.key] == $0.value }
    }
    guard let selected else { return mode }
    return port.flatMap { selected.portModes[$0] ?? nil } ?? selected.mode ?? mode
  }
}

extension PeerAuthentication {
  fileprivate var selector: [String: String] { attachment.selector ?? [:] }
}
