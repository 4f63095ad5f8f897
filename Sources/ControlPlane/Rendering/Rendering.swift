internal import Compiler
internal import Delivery
package import Documents
internal import EnvoyAPI
internal import Incremental
internal import Mesh
package import Resources
internal import Segments

/// What a proxy would be sent, as text: the line that `serve` runs, with a printer at its end.
package struct Rendering {
  private let sections: [Section]

  private struct Section {
    let type: RenderOptions.ResourceType
    let typeURL: String
    let resources: [(name: String, body: Rope)]
  }

  /// `types` empty means all.
  package init(_ engine: Engine, for node: ProxyNode, types: [RenderOptions.ResourceType]) {
    let compilation = engine.compilation
    let proxies = engine.model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
    let wanted = types.isEmpty ? RenderOptions.ResourceType.allCases : types
    sections = wanted.map { type in
      switch type {
      case .clusters: Rendering.section(type, .cluster, compilation.clusters, proxies)
      case .endpoints: Rendering.section(type, .endpoints, compilation.endpoints, proxies)
      case .listeners: Rendering.section(type, .listener, compilation.listeners, proxies)
      case .routes: Rendering.section(type, .routes, compilation.routes, proxies)
      case .secrets: Rendering.section(type, .secret, compilation.secrets, proxies)
      case .extensions:
        Rendering.section(type, .extensionConfig, compilation.extensions, proxies)
      }
    }
  }

  private static func section<Name>(
    _ type: RenderOptions.ResourceType, _ wire: ResourceType, _ table: Compiler.ResourceTable<Name>,
    _ proxies: ProxyClass
  ) -> Section {
    Section(
      type: type, typeURL: wire.typeURL,
      resources: table.names(proxies).compactMap { name in
        table.bodies(ResourceKey(proxies, name)).map { (table.text(name), $0) }
      })
  }

  /// Everything as one tree in the format wanted.
  package func node(_ format: RenderOptions.Format) -> Node {
    Node(
      .mapping(
        sections.map { section in
          Node.Entry(key: section.type.rawValue, value: node(section, format))
        }))
  }

  private func node(_ section: Section, _ format: RenderOptions.Format) -> Node {
    switch format {
    case .dump:
      Node(
        .mapping(
          section.resources.map { name, body in
            Node.Entry(
              key: name,
              value: Node(
                .mapping([
                  .init(key: "type", value: .text(section.typeURL)),
                  .init(key: "b64", value: .text(Base64.text(body.flattened()[...]))),
                ])))
          }))
    case .yaml, .json:
      Node(.sequence(section.resources.map { readable($0.body, section.typeURL) }))
    }
  }

  /// The message as protobuf's JSON has it, private keys redacted.
  private func readable(_ body: Rope, _ typeURL: String) -> Node {
    guard let type = MessageType(url: typeURL) else { return Node(.null) }
    switch type.node(from: body.flattened(), secrets: .redacted) {
    case .success(let node): return node
    case .failure(let problem): return .text("\(problem)")
    }
  }
}
