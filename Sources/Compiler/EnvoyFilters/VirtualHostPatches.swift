internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Applies patches of VIRTUAL_HOST and HTTP_ROUTE to one virtual host (istiod's `patchVirtualHost`).
struct VirtualHostPatches {
  private let hosts: [EnvoyFilter.Patch]
  private let routes: [EnvoyFilter.Patch]

  /// `groups` are those that are about the virtual host's route configuration.
  init(_ groups: PatchGroups) {
    hosts = groups[.virtualHost]
    routes = groups[.httpRoute]
  }

  enum Outcome {
    case unchanged
    case changed([UInt8])
    /// All virtual hosts of this name go, as istiod has it.
    case removed(name: String)
  }

  /// Field numbers of `envoy.config.route.v3`.
  enum Field {
    static let name = 1
    static let domains = 2
    static let routes = 3
    static let routeName = 14
    static let forward = 2
    static let redirect = 3
    static let directResponse = 7
  }

  func outcome(of host: [UInt8]) -> Outcome {
    var bytes = host
    var parts = MessageParts(host)
    var isChanged = false
    for patch in hosts where matches(patch, parts) {
      if patch.operation == .remove { return .removed(name: parts.text(Field.name)) }
      if patch.operation == .replace {
        bytes = patch.value
      } else if patch.operation.listMerge != nil {
        bytes = patch.merged(into: bytes, as: Envoy.VirtualHost.messageType)
      } else {
        continue
      }
      parts = MessageParts(bytes)
      isChanged = true
    }
    let applying = routes.filter { matches($0, parts) }
    if !applying.isEmpty, let changed = changedRoutes(of: parts, by: applying) {
      parts.set(Field.routes, to: changed)
      return .changed(parts.bytes)
    }
    return isChanged ? .changed(bytes) : .unchanged
  }

  /// Removals and merges route by route, then what is added or inserted; nil where nothing is.
  private func changedRoutes(
    of host: MessageParts, by patches: [EnvoyFilter.Patch]
  ) -> [[UInt8]]? {
    let before = host.elements(Field.routes)
    var after = before.compactMap { route -> MessageParts? in
      var parts = MessageParts(route)
      for patch in patches where matches(patch, route: parts) {
        if patch.operation == .remove { return nil }
        if patch.operation.listMerge != nil {
          parts = MessageParts(patch.merged(into: parts.bytes, as: Envoy.Route.messageType))
        }
      }
      return parts
    }
    for patch in patches {
      switch patch.operation {
      case .add, .insertBefore, .insertAfter, .insertFirst:
        let match = patch.match.virtualHost?.route.map { _ in
          { (route: MessageParts) in self.matches(patch, route: route) }
        }
        // A route that is matched is no position for INSERT_FIRST, but must be there.
        if patch.operation == .insertFirst, let match, !after.contains(where: match) { continue }
        after.apply(patch, at: match)
      case .merge, .mergeReplacingLists, .remove, .replace: break
      }
    }
    let bytes = after.map(\.bytes)
    return bytes == before ? nil : bytes
  }

  private func matches(_ patch: EnvoyFilter.Patch, _ host: MessageParts) -> Bool {
    guard let match = patch.match.virtualHost else { return true }
    return (match.name.isEmpty || match.name == host.text(Field.name))
      && (match.domain.isEmpty || host.texts(Field.domains).contains(match.domain))
  }

  private func matches(_ patch: EnvoyFilter.Patch, route: MessageParts) -> Bool {
    guard let match = patch.match.virtualHost?.route else { return true }
    guard match.name.isEmpty || match.name == route.text(Field.routeName) else { return false }
    switch match.action {
    case .any: return true
    case .route: return action(of: route).map { $0 == .route } ?? true
    case .redirect: return action(of: route).map { $0 == .redirect } ?? true
    case .directResponse: return action(of: route).map { $0 == .directResponse } ?? true
    }
  }

  /// Nil for an action that no match can name, which fits them all.
  private func action(of route: MessageParts) -> EnvoyFilter.HTTPRouteMatch.Action? {
    if route.has(Field.forward) { return .route }
    if route.has(Field.redirect) { return .redirect }
    return route.has(Field.directResponse) ? .directResponse : nil
  }
}

extension EnvoyFilter.Match {
  /// What it says of virtual hosts.
  var virtualHost: EnvoyFilter.VirtualHostMatch? {
    if case .routes(let match)? = object { match.virtualHost } else { nil }
  }
}
