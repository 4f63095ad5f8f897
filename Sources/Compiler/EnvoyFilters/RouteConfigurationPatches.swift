internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A route configuration that is patched: what becomes of its own fields, and which patches go on to
/// its virtual hosts (istiod's `ApplyRouteConfigurationPatches`).
struct PatchedRouteConfiguration: Hashable {
  /// All of it but virtual hosts.
  let own: [UInt8]
  /// False where a patch has put others in the place of those that were there.
  let keepsHosts: Bool
  /// Virtual hosts that stood in merged values.
  let mergedHosts: [[UInt8]]
  /// Those of VIRTUAL_HOST and HTTP_ROUTE that are about this configuration.
  let hostPatches: PatchGroups

  /// Field numbers of `envoy.config.route.v3`.
  enum Field {
    static let name = 1
    static let virtualHosts = 2
  }

  /// `ports` are the declared ports of the servers whose routes go by a port number.
  init(
    _ own: [UInt8], _ name: RouteName, _ groups: PatchGroups, ports: (Int) -> Set<Int>?
  ) {
    var bytes = own
    var match = RouteConfigurationMatch(name)
    var keepsHosts = true
    for patch in groups[.routeConfiguration] where match.matches(patch, ports: ports) {
      guard let lists = patch.operation.listMerge else { continue }
      bytes = patch.merged(into: bytes, as: Envoy.RouteConfiguration.messageType)
      let value = MessageParts(patch.value)
      if lists == .replace, value.has(Field.virtualHosts) { keepsHosts = false }
      match.rename(value.text(Field.name))
    }
    var parts = MessageParts(bytes)
    mergedHosts = parts.elements(Field.virtualHosts)
    if !mergedHosts.isEmpty { parts.set(Field.virtualHosts, to: []) }
    self.own = parts.bytes
    self.keepsHosts = keepsHosts
    hostPatches = groups.filter {
      $0.applyTo != .routeConfiguration && match.matches($0, ports: ports)
    }
  }
}

/// What matches look at of a gateway's route configuration.
private struct RouteConfigurationMatch {
  private var text: String
  private var reference: RouteReference

  init(_ name: RouteName) {
    text = name.text
    reference = RouteReference(parsing: text)
  }

  /// Takes a name that a patch gave.
  mutating func rename(_ name: String) {
    guard !name.isEmpty else { return }
    text = name
    reference = RouteReference(parsing: name)
  }

  func matches(_ patch: EnvoyFilter.Patch, ports: (Int) -> Set<Int>?) -> Bool {
    guard case .routes(let match)? = patch.match.object else { return true }
    let isPort =
      match.port == 0
      || ports(reference.port)?.contains(match.port)
        ?? (match.port == reference.port)
    return isPort && (match.name.isEmpty || match.name == text)
      && (match.portName.isEmpty || match.portName == reference.portName)
      && (match.gateway.isEmpty || match.gateway == reference.gateway)
  }
}
