import Documents

/// A listener without what all its connection managers have in common: of each stay its statistics'
/// name and its routes.
func chainOutline(_ listener: Node) -> Node {
  listener.mapping("filterChains") { chain in
    chain.mapping("filters") { filter in
      guard
        filter["name"]?.content == .string("envoy.filters.network.http_connection_manager"),
        let manager = filter["typedConfig"]
      else { return filter }
      return Node(
        .mapping([
          Node.Entry(key: "name", value: filter["name"]!),
          Node.Entry(key: "statPrefix", value: manager["statPrefix"]!),
          Node.Entry(key: "routes", value: manager["rds"]!["routeConfigName"]!),
        ]))
    }
  }
}

extension Node {
  /// The mapping with each element of one of its lists turned into another.
  fileprivate func mapping(_ key: String, _ transform: (Node) -> Node) -> Node {
    guard case .mapping(let entries) = content else { return self }
    return Node(
      .mapping(
        entries.map { entry in
          guard entry.key == key, case .sequence(let items) = entry.value.content else {
            return entry
          }
          return Node.Entry(key: key, value: Node(.sequence(items.map(transform))))
        }))
  }
}
