internal import Incremental
internal import Mesh
internal import Resources

/// What MeshConfig and Telemetries say that filter chains depend on, in parts that come out equal when something
/// else in it changes: no chain is then made again.
struct ChainSettings {
  struct TLS: Hashable {
    let defaults: MeshConfig.TLSConfig?
    let credentials: ServerCredentials
  }

  struct Connections: Hashable {
    let logs: AccessLogs
    let metrics: Metrics
    /// A pattern of statistics' names; nil for the clusters' own.
    let statName: String?
  }

  let tls: Derived<ProxyClass, TLS>
  let connections: Derived<ProxyClass, Connections>

  init(_ model: MeshModel) {
    tls = Derived(model.graph, "chainSettings.tls") { proxies in
      TLS(
        defaults: model.store.meshConfig.tlsDefaults,
        credentials: ServerCredentials(model, proxies.traits))
    }
    connections = Derived(model.graph, "chainSettings.connections") { proxies in
      let mesh = model.store.meshConfig
      return Connections(
        logs: AccessLogs(model, proxies), metrics: Metrics(model, proxies),
        statName: mesh.outboundClusterStatName)
    }
  }
}
