internal import Delivery
internal import Documents
internal import EnvoyAPI
internal import TLS

/// Resources as Envoy's own `/config_dump` prints them (envoy.admin.v3.ConfigDump), secrets redacted.
struct ConfigDump {
  /// What clients have of a type.
  struct Held: Sendable {
    let type: ResourceType
    let resources: [Resource]
    /// What has been replaced since they were sent it: the entry has a version and the name.
    var replaced: [KnownVersion] = []
  }

  private let held: [Held]

  init(_ held: [Held]) { self.held = held }

  var node: Node {
    let configs = held.compactMap { held in
      ConfigDump.section(of: held.type).map { section in
        let entries =
          held.resources.map { ($0.name, ConfigDump.entry($0, section)) }
          + held.replaced.map { ($0.name, ConfigDump.entry($0, held.type, section)) }
        return (section, entries.sorted { $0.0 < $1.0 }.map(\.1))
      }
    }.map { section, entries in
      Node(
        .mapping([
          .init(key: "@type", value: .text("type.googleapis.com/envoy.admin.v3." + section.type)),
          .init(key: section.list, value: Node(.sequence(entries))),
        ]))
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
    entry(
      KnownVersion(name: resource.name, version: resource.version), resource.type, section,
      contents: ConfigDump.contents(resource))
  }

  private static func entry(
    _ known: KnownVersion, _ type: ResourceType, _ section: Section, contents: Node? = nil
  ) -> Node {
    let version = Node.Entry(
      key: "version_info", value: .text(type.shown(version: known.version)))
    let config = Node.Entry(
      key: section.field, value: contents ?? nameOnly(known.name, type))
    switch type {
    case .listener:
      return Node(
        .mapping([
          .init(key: "name", value: .text(known.name)),
          .init(key: "active_state", value: Node(.mapping([version, config]))),
        ]))
    case .secret:
      return Node(.mapping([.init(key: "name", value: .text(known.name)), version, config]))
    case .cluster, .endpoints, .routes, .virtualHost, .extensionConfig:
      return Node(.mapping([version, config]))
    }
  }

  private static func nameOnly(_ name: String, _ type: ResourceType) -> Node {
    Node(
      .mapping([
        .init(key: "@type", value: .text(type.typeURL)),
        .init(key: type == .endpoints ? "clusterName" : "name", value: .text(name)),
      ]))
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

extension ResourceType {
  /// A version as pages show it. That of what may have secrets in it is a hash over them, and nobody's
  /// who may not have them.
  func shown(version: String) -> String {
    switch self {
    case .secret, .extensionConfig: OneWay.text(OneWay.digest(of: Array(version.utf8)))
    case .cluster, .endpoints, .listener, .routes, .virtualHost: version
    }
  }
}
