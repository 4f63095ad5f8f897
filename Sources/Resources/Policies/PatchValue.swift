internal import Diagnostics
internal import Documents
internal import EnvoyAPI

/// The `value` of a patch as the Envoy message it has to be.
struct PatchValue {
  var bytes: [UInt8] = []
  var name = ""
  /// The type that `typed_config` says it has; nil where there is none.
  var configType: String?
  var mentions = EnvoyFilter.Mentions()

  /// A value stands in every resource that it is merged into or added to; the API server lets no
  /// object be larger than half as much again.
  static let mostBytes = 1 << 20

  init() {}

  /// What a field knows that the message has not is left out, as istiod does it, which may be older
  /// than the proxies; everything else that does not fit is refused. `applyTo` is nil where it was
  /// refused itself.
  init(_ node: Node, of applyTo: EnvoyFilter.ApplyTo?, _ reading: Reading) {
    guard case .mapping(let entries) = node.content else {
      reading.report(
        .wrongType(found: reading.shown(node), expected: "a mapping"), at: [],
        position: node.position)
      return
    }
    guard let applyTo else { return }
    guard let type = MessageType(named: applyTo.messageName) else {
      preconditionFailure("\(applyTo.messageName) is a published type")
    }
    let (bytes, problems) = type.encoded(from: node)
    for problem in problems {
      reading.report(
        problem.finding, at: problem.path.isEmpty ? [] : [.inside(problem.path)],
        position: problem.position)
    }
    if bytes.count > Self.mostBytes {
      reading.report(
        .bigPatchValue(byteCount: bytes.count, limit: Self.mostBytes), at: [],
        position: node.position)
    }
    self.bytes = bytes
    name = node["name"]?.text ?? ""
    configType = (node["typed_config"] ?? node["typedConfig"])?["@type"]?.text
    mentions = EnvoyFilter.Mentions(in: node)
    let names = entries.map(\.key)
    if applyTo.isFilter, FilterNames.configurations.isDisjoint(with: names) {
      reading.report(.filterWithoutConfiguration(name), at: [], position: node.position)
    }
  }
}

extension EnvoyFilter.ApplyTo {
  fileprivate var messageName: String {
    switch self {
    case .listener: "envoy.config.listener.v3.Listener"
    case .listenerFilter: "envoy.config.listener.v3.ListenerFilter"
    case .filterChain: "envoy.config.listener.v3.FilterChain"
    case .networkFilter: "envoy.config.listener.v3.Filter"
    case .httpFilter:
      "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter"
    case .routeConfiguration: "envoy.config.route.v3.RouteConfiguration"
    case .virtualHost: "envoy.config.route.v3.VirtualHost"
    case .httpRoute: "envoy.config.route.v3.Route"
    case .cluster: "envoy.config.cluster.v3.Cluster"
    case .extensionConfig: "envoy.config.core.v3.TypedExtensionConfig"
    case .bootstrap: "envoy.config.bootstrap.v3.Bootstrap"
    }
  }

  /// Its message names an extension, whose configuration Envoy finds by its type and not by the name.
  fileprivate var isFilter: Bool {
    switch self {
    case .listenerFilter, .networkFilter, .httpFilter, .extensionConfig: true
    case .listener, .filterChain, .routeConfiguration, .virtualHost, .httpRoute, .cluster,
      .bootstrap:
      false
    }
  }
}

extension MessageProblem {
  fileprivate var finding: Finding {
    switch reason {
    case .unknownField: .patchFieldWithoutEffect(sentence)
    case .unknownEnumValue, .malformed, .notUTF8, .tooDeep, .unknownType, .wrongType, .notAllowed,
      .setTwice:
      .badPatchValue(sentence)
    }
  }
}

extension EnvoyFilter.Mentions {
  fileprivate init(in node: Node) {
    var clusters: Set<ClusterReference> = []
    var credentials: Set<String> = []
    var routes: Set<String> = []
    node.forEachText { key, text in
      clusters.formUnion(ClusterReference.all(in: text))
      if ["kubernetes://", "configmap://"].contains(where: text.hasPrefix) {
        credentials.insert(text)
      }
      if key == "route_config_name" || key == "routeConfigName" { routes.insert(text) }
    }
    self.init(
      clusters: clusters.map { ("\($0)", $0) }.sorted { $0.0 < $1.0 }.map(\.1),
      credentials: credentials.sorted(), routes: routes.sorted())
  }
}

extension Node {
  /// Every text within, and the key it stands under.
  fileprivate func forEachText(under key: String = "", _ body: (String, String) -> Void) {
    switch content {
    case .string(let text): body(key, text)
    case .sequence(let items): for item in items { item.forEachText(under: key, body) }
    case .mapping(let entries):
      for entry in entries { entry.value.forEachText(under: entry.key, body) }
    case .null, .bool, .integer, .number: break
    }
  }
}
