internal import Delivery
internal import Documents
internal import EnvoyAPI

/// Resources as Envoy's own `/config_dump` prints them (envoy.admin.v3.ConfigDump), secrets redacted.
struct ConfigDump {
  private let held: [(ResourceType, [Resource])]

  init(_ held: [(ResourceType, [Resource])]) { self.held = held }

  var node: Node {
    let configs = held.compactMap { type, resources in
      ConfigDump.section(of: type).map { section in
        Node(
          .mapping([
            .init(key: "@type", value: .text("type.googleapis.com/envoy.admin.v3." + section.type)),
            .init(
              key: section.list,
              value: Node(.sequence(resources.map { ConfigDump.entry($0, section) }))),
          ]))
      }
    }
    return Node(.mapping([.init(key: "configs", value: Node(.sequence(configs)))]))
  }

  private struct Section {
    let type: String
    let list: String
    let field: String
  }

  private static func section(of type: ResourceType) -> Section? {
    switch type {
    case .cluster:
      Section(type: "ClustersConfigDump", list: "dynamic_active_clusters", field: "cluster")
    case .endpoints:
      Section(
        type: "EndpointsConfigDump", list: "dynamic_endpoint_configs", field: "endpoint_config")
    case .listener:
      Section(type: "ListenersConfigDump", list: "dynamic_listeners", field: "listener")
    case .routes:
      Section(type: "RoutesConfigDump", list: "dynamic_route_configs", field: "route_config")
    case .secret:
      Section(type: "SecretsConfigDump", list: "dynamic_active_secrets", field: "secret")
    case .extensionConfig:
      Section(type: "EcdsConfigDump", list: "ecds_filters", field: "ecds_filter")
    case .virtualHost: nil
    }
  }

  private static func entry(_ resource: Resource, _ section: Section) -> Node {
    let version = Node.Entry(key: "version_info", value: .text(resource.version))
    let config = Node.Entry(key: section.field, value: ConfigDump.contents(resource))
    switch resource.type {
    case .listener:
      return Node(
        .mapping([
          .init(key: "name", value: .text(resource.name)),
          .init(key: "active_state", value: Node(.mapping([version, config]))),
        ]))
    case .secret:
      return Node(.mapping([.init(key: "name", value: .text(resource.name)), version, config]))
    case .cluster, .endpoints, .routes, .virtualHost, .extensionConfig:
      return Node(.mapping([version, config]))
    }
  }

  /// The message as JSON with its type; one that cannot be read says why in its place.
  private static func contents(_ resource: Resource) -> Node {
    guard let type = MessageType(url: resource.type.typeURL) else { return Node(.null) }
    switch type.node(from: resource.body.flattened(), secrets: .redacted) {
    case .success(let node):
      guard case .mapping(let entries) = node.content else { return node }
      return Node(
        .mapping([.init(key: "@type", value: .text(resource.type.typeURL))] + entries))
    case .failure(let problem): return .text("\(problem)")
    }
  }
}
