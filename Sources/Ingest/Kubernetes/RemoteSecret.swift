internal import Documents
package import TLS

/// A Secret that says how other clusters of the mesh are reached: a kubeconfig each, under the
/// cluster's name (`istioctl create-remote-secret` writes them).
package struct RemoteSecret: Hashable, Sendable {
  /// `namespace/name`.
  package let name: String
  /// As Kubernetes writes times, in which texts sort as times do; empty for an unknown one.
  package let created: String
  /// Sorted by cluster.
  package let kubeconfigs: [Cluster]

  package struct Cluster: Hashable, Sendable {
    package let name: String
    package let kubeconfig: SecretBytes

    package init(name: String, kubeconfig: SecretBytes) {
      self.name = name
      self.kubeconfig = kubeconfig
    }

    /// The way to the cluster; `secret` is the name of the Secret that gives it.
    package func access(by secret: String) throws(AccessError) -> ClusterAccess {
      let bytes = kubeconfig.withBytes { span in span.indices.map { span[$0] } }
      return try Kubeconfig.access(given: bytes, by: "secrets/\(secret) \(name)")
    }
  }

  package init(name: String, created: String, kubeconfigs: [Cluster]) {
    self.name = name
    self.created = created
    self.kubeconfigs = kubeconfigs
  }
}

/// The remote secrets of a mesh, as they stand: those of its root namespace with the label.
package struct RemoteSecrets: Sendable {
  private let prefix: String
  private var found: [String: RemoteSecret] = [:]
  private var told: [RemoteSecret] = []

  package init(rootNamespace: String) { prefix = "secrets/\(rootNamespace)/" }

  /// Whether an object is one, by its metadata alone.
  func includes(_ root: Node, origin: String) -> Bool {
    origin.hasPrefix(prefix)
      && root["metadata"]?["labels"]?["istio/multiCluster"]?.text == "true"
  }

  /// Takes the last word on an object; nil is that it is gone, or is none of these any more.
  mutating func take(_ root: Node?, origin: String) {
    guard origin.hasPrefix(prefix) else { return }
    guard let root else {
      found[origin] = nil
      return
    }
    var clusters: [RemoteSecret.Cluster] = []
    if case .mapping(let entries)? = root["data"]?.content {
      // As Kubernetes has keys: they go into names of files and into log lines.
      let isName = { (key: String) in
        (1...253).contains(key.utf8.count)
          && key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
      }
      for entry in entries where isName(entry.key) {
        var bytes = entry.value.text.flatMap(decodeBase64) ?? []
        clusters.append(.init(name: entry.key, kubeconfig: SecretBytes(wiping: &bytes)))
      }
    }
    found[origin] = RemoteSecret(
      name: String(origin.dropFirst("secrets/".count)),
      created: root["metadata"]?["creationTimestamp"]?.text ?? "",
      kubeconfigs: clusters.sorted { $0.name < $1.name })
  }

  /// All of them in order of age, then name, if that is something new.
  mutating func news() -> [RemoteSecret]? {
    let now = found.values.sorted { ($0.created, $0.name) < ($1.created, $1.name) }
    guard now != told else { return nil }
    told = now
    return now
  }
}
