internal import EnvoyAPI
internal import Mesh
internal import Segments

/// A virtual host after its patches.
struct PatchedVirtualHost: Hashable {
  /// As an element of its route configuration; nil where it is removed.
  let element: Rope?
  let name: String
  /// It answers for hosts that nothing else here does, which istiod has none of: no patch is about it,
  /// and it makes way for what patches bring.
  let isStandIn: Bool

  /// One that stays as it is.
  init(_ contents: [UInt8], _ element: Rope, isStandIn: Bool = false) {
    self.element = element
    self.isStandIn = isStandIn
    name = MessageParts(contents).text(VirtualHostPatches.Field.name)
  }

  /// One from a patch's value, which no patch is about.
  init(added contents: [UInt8]) {
    self.init(contents, PatchedVirtualHost.element(contents))
  }

  init(_ contents: [UInt8], _ element: Rope, by patches: PatchGroups) {
    switch VirtualHostPatches(patches).outcome(of: contents) {
    case .unchanged: self.init(contents, element)
    case .changed(let changed): self.init(added: changed)
    case .removed(let name): self.init(removed: name)
    }
  }

  private init(removed name: String) {
    element = nil
    self.name = name
    isStandIn = false
  }

  static func element(_ contents: [UInt8]) -> Rope {
    Rope(joining: [.field(PatchedRouteConfiguration.Field.virtualHosts, Rope(contents))])
  }

  /// The message in an element.
  static func contents(of element: Rope) -> [UInt8] {
    MessageParts(element.flattened()).elements(PatchedRouteConfiguration.Field.virtualHosts)[0]
  }
}

extension [PatchedVirtualHost] {
  /// Without the domains that stand-ins share with the others, which Envoy would refuse; where another
  /// takes every host they are not needed.
  var withoutConflicts: [PatchedVirtualHost] {
    guard contains(where: \.isStandIn) else { return self }
    let taken = Set(
      filter { !$0.isStandIn }.compactMap(\.element).flatMap {
        MessageParts(PatchedVirtualHost.contents(of: $0)).texts(VirtualHostPatches.Field.domains)
      }.map { $0.lowercased() })
    return compactMap { host -> PatchedVirtualHost? in
      guard host.isStandIn, let element = host.element else { return host }
      guard !taken.contains("*") else { return nil }
      var parts = MessageParts(PatchedVirtualHost.contents(of: element))
      let domains = parts.texts(VirtualHostPatches.Field.domains)
      let left = domains.filter { !taken.contains($0) }
      guard left != domains else { return host }
      guard !left.isEmpty else { return nil }
      parts.set(VirtualHostPatches.Field.domains, to: left.map { [UInt8]($0.utf8) })
      let contents = parts.bytes
      return PatchedVirtualHost(
        contents, PatchedVirtualHost.element(contents), isStandIn: true)
    }
  }
}

extension VirtualHostPlan {
  var isStandIn: Bool {
    switch self {
    case .misdirected, .unrouted: true
    case .hosts, .blackhole: false
    }
  }
}
