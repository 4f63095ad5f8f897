internal import Resources

/// Hosts whose endpoints are for proxies of the same cluster only: MeshConfig's `serviceSettings`, and
/// some that are so unless it says otherwise (istiod's `cluster_local.go`).
struct ClusterLocalHosts: Hashable {
  private let names: [String: Bool]
  /// The longest first.
  private let wildcards: [Wildcard]

  private struct Wildcard: Hashable {
    let pattern: HostPattern
    let isLocal: Bool
  }

  init(_ mesh: MeshConfig, clusterDomain: String) {
    var stated: [HostPattern: Bool] = [:]
    for settings in mesh.serviceSettings {
      for host in settings.hosts { stated[HostPattern(host)] = settings.isClusterLocal }
    }
    let freed = stated.filter { !$0.value }.keys
    let defaults = [
      "*.kube-system.svc.\(clusterDomain)", "kubernetes.default.svc.\(clusterDomain)",
      mesh.defaultConfig.discoveryHost(inDomain: clusterDomain),
    ]
    for pattern in defaults.compactMap({ $0.map(HostPattern.init) })
    where !freed.contains(where: { $0.isCovered(by: pattern) }) {
      stated[pattern] = true
    }
    names = Dictionary(
      uniqueKeysWithValues: stated.filter { !$0.key.isWildcard }.map { ($0.key.text, $0.value) })
    wildcards = stated.filter(\.key.isWildcard)
      .map { Wildcard(pattern: $0.key, isLocal: $0.value) }
      .sorted {
        ($1.pattern.text.utf8.count, $0.pattern.text)
          < ($0.pattern.text.utf8.count, $1.pattern.text)
      }
  }

  func contains(_ host: String) -> Bool {
    if let isLocal = names[host] { return isLocal }
    let host = HostPattern(host)
    return wildcards.first { host.isCovered(by: $0.pattern) }?.isLocal ?? false
  }
}
