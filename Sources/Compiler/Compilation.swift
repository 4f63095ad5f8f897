internal import Incremental
package import Mesh

/// Everything proxies are sent, as derived values of the mesh: a table for each type of resource.
package final class Compilation {
  package let model: MeshModel
  package let clusters: ResourceTable<ClusterName>
  package let endpoints: ResourceTable<ClusterName>
  package let listeners: ResourceTable<ListenerName>
  package let routes: ResourceTable<RouteName>
  package let secrets: ResourceTable<SecretName>

  /// `sendsAllClusters`: gateways are sent the clusters of every service they can see, as istiod does
  /// by default; else those that their routes and filters can reach.
  package init(_ model: MeshModel, sendsAllClusters: Bool) {
    self.model = model
    let routeCompiler = RouteCompiler(model)
    let listenerCompiler = ListenerCompiler(model)
    routes = routeCompiler.routes
    listeners = listenerCompiler.listeners
    clusters = .empty(model.graph)
    endpoints = .empty(model.graph)
    secrets = SecretCompiler(model, clientSecrets: { _ in [] }).secrets
  }
}

extension ResourceTable {
  static func empty(_ graph: Graph) -> Self {
    ResourceTable(names: Derived(graph, "none") { _ in [] }, bodies: Derived(graph, "none") { _ in nil }, text: { "\($0)" })
  }
}
