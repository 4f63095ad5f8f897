internal import Incremental
package import Mesh

/// Everything proxies are sent, as derived values of the mesh: a table for each type of resource.
package final class Compilation {
  package let model: MeshModel
  package let clusters: ResourceTable<ClusterName>
  package let endpoints: ResourceTable<ClusterName>
  package let listeners: ResourceTable<SentListener>
  package let routes: ResourceTable<RouteName>
  package let virtualHosts: ResourceTable<DiscoveredVirtualHost>
  package let secrets: ResourceTable<SecretName>
  package let extensions: ResourceTable<ExtensionName>

  /// `sendsAllClusters`: gateways are sent the clusters of every service they can see, as istiod does
  /// by default; else those that their routes and filters can reach.
  package init(_ model: MeshModel, sendsAllClusters: Bool) {
    self.model = model
    let routeCompiler = RouteCompiler(model)
    let listenerCompiler = ListenerCompiler(model)
    routes = routeCompiler.routes
    virtualHosts = routeCompiler.virtualHosts
    listeners = listenerCompiler.listeners
    let clusterCompiler = ClusterCompiler(
      model,
      gateways: sendsAllClusters
        ? .all
        : .referenced(Compilation.references(model, routeCompiler, listenerCompiler)))
    clusters = clusterCompiler.clusters
    endpoints = clusterCompiler.endpoints
    extensions = ExtensionCompiler(model).extensions
    secrets = SecretCompiler(model, clientSecrets: { clusterCompiler.clientSecrets($0) }).secrets
  }

  /// What routes, filters and patches name, each once, sorted by name.
  private static func references(
    _ model: MeshModel, _ routes: RouteCompiler, _ listeners: ListenerCompiler
  ) -> (ProxyClass) -> [ClusterName] {
    let united = Derived<ProxyClass, [ClusterName]>(model.graph, "references") { proxies in
      let patched = PatchReferences(model: model, proxies: proxies).clusters
      return Set(routes.references(proxies) + listeners.references(proxies) + patched)
        .map { ($0, $0.text) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
    return { united($0) }
  }
}
