internal import EnvoyAPI
internal import Resources

/// Istio's metrics, one filter for each Prometheus provider that the mesh names by default, sorted by
/// name.
struct Metrics: Hashable {
  private let providerCount: Int

  init(_ mesh: MeshConfig) {
    let prometheus = mesh.extensionProviders.filter { $0.provider == .prometheus }
      .map { $0.name.lowercased() }
    providerCount =
      Set((mesh.defaultProviders?.metrics ?? []).map { $0.lowercased() })
      .count { prometheus.contains($0) }
  }

  private var config: Envoy.StatsPluginConfig { .init(disableHostHeaderFallback: true) }

  var http: [Envoy.HttpFilter] {
    (0..<providerCount).map { _ in .filter("istio.stats", config) }
  }
  var network: [Envoy.Filter] { (0..<providerCount).map { _ in .filter("istio.stats", config) } }
}
