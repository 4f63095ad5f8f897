internal import Compiler
internal import Documents
internal import Mesh
internal import Resources

extension Engine {
  /// Compiles everything for a node and answers how many bytes that is; `timed` is given each part of
  /// the work with its name. For measurements.
  package func compiledSizes(
    for id: String, _ timed: (String, () -> Int) -> Int
  ) -> Int {
    let metadata = Node(
      .mapping([
        .init(key: "NAMESPACE", value: .text("istio-system")),
        .init(key: "ISTIO_VERSION", value: .text("1.31.0")),
      ]))
    guard case .success(let node) = ProxyNode.read(id: id, metadata: metadata) else { return 0 }
    let proxies = model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
    func size<Name>(_ table: ResourceTable<Name>) -> Int {
      table.names(proxies).reduce(0) { $0 + (table.bodies(ResourceKey(proxies, $1))?.count ?? 0) }
    }
    return timed("  listeners") { size(compilation.listeners) }
      + timed("  routes") { size(compilation.routes) }
      + timed("  clusters") { size(compilation.clusters) }
      + timed("  endpoints") { size(compilation.endpoints) }
  }
}
