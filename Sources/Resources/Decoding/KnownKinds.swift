/// The kinds that are read or known, and the API versions that they are read in.
enum KnownKind {
  struct Key: Hashable {
    let group: String
    let kind: String
  }

  struct Entry {
    let versions: [String]
    /// Nil for a kind that is not served yet.
    let kind: Kind?
    var isClusterWide = false
  }

  static func entry(group: String, kind: String) -> Entry? {
    entries[Key(group: group, kind: kind)]
  }

  /// What an object says it is, in a version that is read.
  struct Served {
    let apiVersion: String
    let name: String
    let kind: Kind
    let isClusterWide: Bool

    /// Nil for what is not served, or not in that version.
    init?(apiVersion: String, kind name: String) {
      let (group, version) = KnownKind.split(apiVersion: apiVersion)
      guard let entry = KnownKind.entry(group: group, kind: name), let kind = entry.kind,
        entry.versions.contains(version)
      else { return nil }
      self.apiVersion = apiVersion
      self.name = name
      self.kind = kind
      isClusterWide = entry.isClusterWide
    }
  }

  static func isClusterWide(_ apiVersion: String, _ kind: String) -> Bool {
    entry(group: split(apiVersion: apiVersion).group, kind: kind)?.isClusterWide ?? false
  }

  /// The group and version of `networking.istio.io/v1`; the core group has no name.
  static func split(apiVersion: String) -> (group: String, version: String) {
    guard let slash = apiVersion.firstIndex(of: "/") else { return ("", apiVersion) }
    return (String(apiVersion[..<slash]), String(apiVersion[apiVersion.index(after: slash)...]))
  }

  static func apiVersion(group: String, version: String) -> String {
    group.isEmpty ? version : "\(group)/\(version)"
  }

  static let names = Set(entries.keys.map(\.kind)).sorted()

  /// The kinds that are served, by group and name.
  static var servedEntries: [(key: Key, versions: [String], kind: Kind)] {
    entries.compactMap { key, entry in entry.kind.map { (key, entry.versions, $0) } }
      .sorted { ($0.key.group, $0.key.kind) < ($1.key.group, $1.key.kind) }
  }

  /// The others, by group and name.
  static var unservedEntries: [(key: Key, versions: [String])] {
    entries.compactMap { key, entry in entry.kind == nil ? (key, entry.versions) : nil }
      .sorted { ($0.key.group, $0.key.kind) < ($1.key.group, $1.key.kind) }
  }

  private static let entries: [Key: Entry] = {
    var entries: [Key: Entry] = [:]
    func add(
      _ group: String, _ versions: [String], _ kinds: [String], clusterWide: Bool = false
    ) {
      for name in kinds {
        let kind = served.contains(group) ? Kind(rawValue: name) : nil
        entries[Key(group: group, kind: name)] = Entry(
          versions: versions, kind: kind, isClusterWide: clusterWide)
      }
    }
    add("", ["v1"], ["Service", "Pod", "Secret", "ConfigMap"])
    add("", ["v1"], ["Node", "Namespace"], clusterWide: true)
    add("discovery.k8s.io", ["v1", "v1beta1"], ["EndpointSlice"])
    add(
      "networking.istio.io", ["v1", "v1beta1", "v1alpha3"],
      [
        "Gateway", "VirtualService", "DestinationRule", "ServiceEntry", "WorkloadEntry", "Sidecar",
        "EnvoyFilter", "WorkloadGroup", "ProxyConfig",
      ])
    add(
      "security.istio.io", ["v1", "v1beta1"],
      ["AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication"])
    add("telemetry.istio.io", ["v1", "v1alpha1"], ["Telemetry"])
    add("extensions.istio.io", ["v1alpha1"], ["WasmPlugin", "TrafficExtension"])
    let gatewayVersions = ["v1", "v1beta1", "v1alpha3", "v1alpha2"]
    add("gateway.networking.k8s.io", gatewayVersions, ["GatewayClass"], clusterWide: true)
    add(
      "gateway.networking.k8s.io", gatewayVersions,
      [
        "Gateway", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "ReferenceGrant",
        "BackendTLSPolicy", "ListenerSet",
      ])
    add("gateway.networking.x-k8s.io", ["v1alpha1"], ["XListenerSet", "XBackendTrafficPolicy"])
    add(
      "inference.networking.k8s.io", ["v1"], ["InferencePool"])
    add("networking.k8s.io", ["v1"], ["Ingress"])
    add("networking.k8s.io", ["v1"], ["IngressClass"], clusterWide: true)
    return entries
  }()

  private static let served: Set = [
    "", "discovery.k8s.io", "networking.istio.io", "security.istio.io", "telemetry.istio.io",
    "extensions.istio.io",
  ]
}
