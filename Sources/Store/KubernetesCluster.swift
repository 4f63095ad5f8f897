internal import Incremental

/// One of the clusters whose workloads make up the mesh. The own one comes first, the others follow by
/// their names: where the order of clusters settles something, it is this.
package enum KubernetesCluster: Digested, Comparable, Sendable {
  /// The cluster that also has the mesh's configuration.
  case own
  /// Another one, by the name that its remote secret gives it. Beside it, for keys are full of clusters,
  /// nearly all of them the own one.
  indirect case remote(String)

  /// `id` is what proxies and endpoints call the cluster; `own` what the own one is called.
  package init(id: String, own: String) { self = id == own ? .own : .remote(id) }

  package func id(own: String) -> String {
    switch self {
    case .own: own
    case .remote(let name): name
    }
  }

  package static func < (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.own, .remote): true
    case (.own, .own), (.remote, .own): false
    case (.remote(let a), .remote(let b)): a < b
    }
  }
}

/// What tells two objects apart of a kind that every cluster has its own of.
package struct LocatedName: Digested, Comparable, Sendable, CustomStringConvertible {
  package let cluster: KubernetesCluster
  package let id: NamespacedName

  package init(_ id: NamespacedName, in cluster: KubernetesCluster = .own) {
    self.cluster = cluster
    self.id = id
  }

  package var digest: UInt64 {
    switch cluster {
    case .own: id.digest
    case .remote(let name): id.digest.mixed(with: UInt64(hashOf: name))
    }
  }

  package var namespace: String { id.namespace }
  package var name: String { id.name }

  /// `namespace/name`, and the cluster if that is not the own one.
  package var description: String {
    switch cluster {
    case .own: id.description
    case .remote(let name): "\(id) in cluster \(name)"
    }
  }

  package static func < (a: Self, b: Self) -> Bool {
    a.cluster == b.cluster ? a.id < b.id : a.cluster < b.cluster
  }
}

/// A namespace of one cluster.
package struct LocatedNamespace: Digested, Sendable {
  package let cluster: KubernetesCluster
  package let name: String

  package init(_ name: String, in cluster: KubernetesCluster) {
    self.cluster = cluster
    self.name = name
  }

  /// The Namespace itself.
  package var object: LocatedName {
    LocatedName(NamespacedName(namespace: "", name: name), in: cluster)
  }
}
