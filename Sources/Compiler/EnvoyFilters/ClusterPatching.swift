internal import Incremental
internal import Mesh
internal import Segments

/// Clusters with the patches of EnvoyFilters applied.
struct ClusterPatching {
  private let model: MeshModel

  init(_ model: MeshModel) { self.model = model }

  /// A cluster that patches remove, or that is not there, gives its name to one that they add.
  func body(_ key: ResourceKey<ClusterName>, of cluster: Rope?) -> Rope? {
    let groups = patches(of: key.proxies)
    guard !groups.isEmpty else { return cluster }
    let patches = ClusterPatches(groups)
    let isPatched = key.name != .externalSecrets
    let patched = cluster.flatMap {
      isPatched ? patches.patched($0.flattened()) : $0.flattened()
    }
    let name = key.name.text
    return (patched ?? patches.added.first { $0.name == name }?.cluster).map { Rope($0) }
  }

  /// The clusters that patches add to these.
  func added(to names: [ClusterName], _ proxies: ProxyClass) -> [ClusterName] {
    let added = ClusterPatches(patches(of: proxies)).added
    guard !added.isEmpty else { return [] }
    let taken = Set(names.map(\.text))
    return added.map(\.name).filter { !taken.contains($0) }.map { .fixed($0) }
  }

  private func patches(of proxies: ProxyClass) -> PatchGroups {
    let isGateway = proxies.traits.type == .router
    return model.envoyFilters.patches(
      .init(proxies, .clusters, isGateway ? .gateway : .sidecarOutbound))
  }
}
