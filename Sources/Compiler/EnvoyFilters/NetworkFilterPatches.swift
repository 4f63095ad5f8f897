internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Applies patches of NETWORK_FILTER and HTTP_FILTER to the filters of one chain (istiod's
/// `patchNetworkFilters`).
struct NetworkFilterPatches {
  private let groups: PatchGroups
  /// A patch was given up on; what was done before it stays.
  private(set) var isBroken = false

  /// `groups` are those that are about the chain.
  init(_ groups: PatchGroups) { self.groups = groups }

  /// Field numbers of `envoy.config.listener.v3.Filter`, and of the `HttpFilter` that is like it.
  private enum Field {
    static let name = 1
    static let typedConfig = 4
    static let configDiscovery = 5
    static let httpFilters = 5
  }

  private static let connectionManager = "envoy.filters.network.http_connection_manager"

  mutating func changed(_ elements: [[UInt8]]) -> [[UInt8]] {
    var filters = elements.map(MessageParts.init)
    for patch in groups[.networkFilter] {
      let name = patch.match.filter?.name
      filters.apply(patch, at: name.map { name in { $0.text(Field.name) == name } })
    }
    for index in filters.indices where !isBroken {
      merge(groups[.networkFilter], into: &filters[index]) { $0.match.filter?.name }
      guard !isBroken, filters[index].text(Field.name) == Self.connectionManager else { continue }
      patchHTTPFilters(of: &filters[index])
    }
    return filters.map(\.bytes)
  }

  /// Merges go into filters of the name that `name` gives, or into all; a merged value may give
  /// another name. A filter whose configuration comes from elsewhere takes none.
  private mutating func merge(
    _ patches: [EnvoyFilter.Patch], into filter: inout MessageParts,
    name: (EnvoyFilter.Patch) -> String?
  ) {
    for patch in patches where patch.operation == .merge {
      if let name = name(patch), name != filter.text(Field.name) { continue }
      guard let config = filter.message(Field.typedConfig) else { continue }
      let value = MessageParts(patch.value)
      if let change = value.message(Field.typedConfig) {
        switch AnyMerge(config, with: change) {
        case .merged(let merged): filter.set(Field.typedConfig, to: [merged])
        case .unreadable: break
        case .otherType:
          isBroken = true
          return
        }
      }
      let name = value.elements(Field.name)
      if !name.isEmpty { filter.set(Field.name, to: name) }
    }
  }

  /// HTTP filters are inserted and removed first, then merged into, those just inserted too.
  private mutating func patchHTTPFilters(of filter: inout MessageParts) {
    let patches = groups[.httpFilter].filter { patch in
      patch.match.filter.map { $0.name == filter.text(Field.name) } ?? true
    }
    guard !patches.isEmpty, let config = filter.message(Field.typedConfig),
      let (type, contents) = MessageType.opened(any: config),
      type == Envoy.HttpConnectionManager.messageType
    else { return }
    var manager = MessageParts(contents)
    var filters = manager.elements(Field.httpFilters).map(MessageParts.init)
    for patch in patches {
      let name = patch.match.filter?.subFilter
      filters.apply(patch, at: name.map { name in { $0.text(Field.name) == name } })
    }
    for index in filters.indices {
      merge(patches, into: &filters[index]) { $0.match.filter?.subFilter }
      // What was done to this manager is lost then, as in istiod.
      if isBroken { return }
    }
    manager.set(Field.httpFilters, to: filters.map(\.bytes))
    filter.set(Field.typedConfig, to: [type.any(of: manager.bytes)])
  }
}

extension EnvoyFilter.Match {
  /// What it says of network filters.
  fileprivate var filter: EnvoyFilter.FilterMatch? {
    if case .listener(let match)? = object { match.chain?.filter } else { nil }
  }
}
