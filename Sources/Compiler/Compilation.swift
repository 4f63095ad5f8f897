package import Incremental
package import Mesh
package import Segments

/// Everything proxies are sent, as derived values of the mesh: a table for each type of resource.
package final class Compilation {
  package let model: MeshModel
  package let clusters: ResourceTable<String>
  package let endpoints: ResourceTable<String>
  package let listeners: ResourceTable<String>
  package let routes: ResourceTable<String>
  package let secrets: ResourceTable<String>

  package init(_ model: MeshModel) {
    self.model = model
    clusters = .empty(model.graph)
    endpoints = .empty(model.graph)
    listeners = .empty(model.graph)
    routes = .empty(model.graph)
    secrets = .empty(model.graph)
  }
}

extension ResourceTable<String> {
  static func empty(_ graph: Graph) -> Self {
    ResourceTable(
      names: Derived(graph, "none") { _ in [] }, bodies: Derived(graph, "none") { _ in nil },
      text: { $0 })
  }
}
