internal import Incremental
internal import Mesh
internal import Resources

/// What MeshConfig and Telemetries say that filter chains depend on, in parts that come out equal when something
/// else in it changes: no chain is then made again.
struct ChainSettings {
  /// A class that never changes: each chain is made with it.
  final class TLS: Equatable {
    let defaults: MeshConfig.TLSConfig?
    let credentials: ServerCredentials

    init(defaults: MeshConfig.TLSConfig?, credentials: ServerCredentials) {
      self.defaults = defaults
      self.credentials = credentials
    }

    static func == (a: TLS, b: TLS) -> Bool {
      a === b || (a.defaults == b.defaults && a.credentials == b.credentials)
    }
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
