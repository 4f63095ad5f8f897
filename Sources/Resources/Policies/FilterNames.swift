/// Names of Envoy's filters that validation knows.
enum FilterNames {
  /// The filter that HTTP filters stand in, by its present and its old name.
  static let connectionManager: Set = [
    "envoy.filters.network.http_connection_manager", "envoy.http_connection_manager",
  ]

  /// The fields that say what a filter does.
  static let configurations: Set = [
    "typed_config", "typedConfig", "config_discovery", "configDiscovery",
  ]

  /// The name that took an old one's place, by the old one (istio pkg/config/xds).
  static let canonical: [String: String] = {
    let http = [
      "buffer": "buffer", "cors": "cors", "csrf": "csrf", "http_dynamo_filter": "dynamo",
      "ext_authz": "ext_authz", "fault": "fault", "grpc_http1_bridge": "grpc_http1_bridge",
      "grpc_json_transcoder": "grpc_json_transcoder", "grpc_web": "grpc_web", "gzip": "gzip",
      "health_check": "health_check", "ip_tagging": "ip_tagging", "lua": "lua",
      "rate_limit": "ratelimit", "router": "router", "squash": "squash",
    ]
    let listener = [
      "http_inspector", "original_dst", "original_src", "proxy_protocol", "tls_inspector",
    ]
    let network = [
      "client_ssl_auth", "http_connection_manager", "mongo_proxy", "ratelimit", "redis_proxy",
      "tcp_proxy",
    ]
    let names =
      http.map { ("envoy.\($0.key)", "envoy.filters.http.\($0.value)") }
      + listener.map { ("envoy.listener.\($0)", "envoy.filters.listener.\($0)") }
      + network.map { ("envoy.\($0)", "envoy.filters.network.\($0)") }
    return Dictionary(names, uniquingKeysWith: { first, _ in first })
  }()

  /// Whether a filter of that name can have a configuration of a type: one of Envoy's own,
  /// `envoy.filters.http.lua`, has those of the package `envoy.extensions.filters.http.lua`.
  static func mayHave(_ url: String, _ name: String) -> Bool {
    let prefix = "envoy.filters."
    guard name.hasPrefix(prefix) else { return true }
    let type = url.split(separator: "/").last ?? ""
    return type.hasPrefix("envoy.extensions.filters.\(name.dropFirst(prefix.count)).")
  }
}
