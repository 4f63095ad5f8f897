package import Incremental
package import Resources
internal import Store

/// The patches of EnvoyFilters that apply to classes of proxies, in the order in which they are
/// applied (istiod's `PushContext.EnvoyFilters`).
package final class EnvoyFilterQueries {
  /// What patches are asked for together, so that those of one kind change nothing of another.
  package enum Layer: UInt64, Sendable {
    case listeners, routes, clusters, extensions
  }

  package struct Key: Digested, Sendable {
    package let proxies: ProxyClass
    package let layer: Layer
    package let context: EnvoyFilter.Context

    package init(_ proxies: ProxyClass, _ layer: Layer, _ context: EnvoyFilter.Context) {
      self.proxies = proxies
      self.layer = layer
      self.context = context
    }

    /// There are few of a class and a layer.
    package var digest: UInt64 { proxies.digest.mixed(with: layer.rawValue) }
  }

  /// Those of a layer that are for proxies of the class in a context, told by what they apply to. Of
  /// the context of gateways others have none, whatever their patches for any context.
  package let patches: Derived<Key, PatchGroups>
  /// What texts of a class's patches name.
  package let mentions: Derived<ProxyClass, EnvoyFilter.Mentions>
  /// Services that a class's EnvoyFilters say they need.
  package let services: Derived<ProxyClass, [EnvoyFilter.ServiceReference]>

  init(
    _ store: ObjectStore, _ attached: AttachedPolicies<EnvoyFilter>,
    rootNamespace: Single<String>
  ) {
    let graph = store.graph
    let ordered = Derived<ProxyClass, [EnvoyFilter.Patch]>(graph, "envoyFilterPatches") {
      proxies in
      let filters = attached.rootFirst(proxies).compactMap { store.envoyFilters[$0] }
      let root = rootNamespace()
      return filters.map { (place: Place($0, root: root), filter: $0.spec) }
        .sorted { $0.place < $1.place }.flatMap { $0.filter.patches }
        .filter { $0.match.includes(proxies.traits) }
    }
    services = Derived(graph, "envoyFilterServices") { proxies in
      attached.rootFirst(proxies).flatMap { store.envoyFilters[$0]?.spec.referencedServices ?? [] }
    }
    patches = Derived(graph, "envoyFilterPatches.ofLayer") { key in
      guard key.context != .gateway || key.proxies.traits.type == .router else {
        return PatchGroups([])
      }
      return PatchGroups(
        ordered(key.proxies).filter {
          key.layer.includes($0.applyTo) && key.layer.includes($0.match.context, in: key.context)
        })
    }
    mentions = Derived(graph, "envoyFilterMentions") { proxies in
      let all = ordered(proxies).map(\.mentions)
      return EnvoyFilter.Mentions(
        clusters: Set(all.flatMap(\.clusters)).map { ($0.name, $0) }
          .sorted { $0.0.text < $1.0.text }.map(\.1),
        credentials: Set(all.flatMap(\.credentials)).sorted(),
        routes: Set(all.flatMap(\.routes)).sorted())
    }
  }
}

/// Where an EnvoyFilter stands among others: by priority, the root namespace's first, then by age. Of
/// two as old, it is the name with the namespace behind it that counts, so that `a-b` comes before `a`.
private struct Place: Comparable {
  private let priority: Int
  private let isLocal: Int
  private let rank: Rank

  init(_ filter: Object<EnvoyFilter>, root: String) {
    let metadata = filter.metadata
    priority = filter.spec.priority
    isLocal = metadata.namespace == root ? 0 : 1
    rank = Rank(metadata, name: "\(metadata.name).\(metadata.namespace)")
  }

  static func < (a: Place, b: Place) -> Bool {
    (a.priority, a.isLocal, a.rank) < (b.priority, b.isLocal, b.rank)
  }
}

/// Patches in the order in which they are applied, by what they apply to.
package struct PatchGroups: Hashable, Sendable {
  private let groups: [EnvoyFilter.ApplyTo: [EnvoyFilter.Patch]]

  package init(_ patches: [EnvoyFilter.Patch]) {
    groups = Dictionary(grouping: patches, by: \.applyTo)
  }

  package var isEmpty: Bool { groups.isEmpty }

  package subscript(applyTo: EnvoyFilter.ApplyTo) -> [EnvoyFilter.Patch] {
    groups[applyTo] ?? []
  }

  /// Those that fit, in the same order.
  package func filter(_ fits: (EnvoyFilter.Patch) -> Bool) -> PatchGroups {
    PatchGroups(EnvoyFilter.ApplyTo.allCases.flatMap { self[$0].filter(fits) })
  }
}

extension EnvoyFilterQueries.Layer {
  fileprivate func includes(_ applyTo: EnvoyFilter.ApplyTo) -> Bool {
    switch (applyTo, self) {
    case (.listener, .listeners), (.listenerFilter, .listeners), (.filterChain, .listeners),
      (.networkFilter, .listeners), (.httpFilter, .listeners), (.routeConfiguration, .routes),
      (.virtualHost, .routes), (.httpRoute, .routes), (.cluster, .clusters),
      (.extensionConfig, .extensions):
      true
    case (.listener, _), (.listenerFilter, _), (.filterChain, _), (.networkFilter, _),
      (.httpFilter, _), (.routeConfiguration, _), (.virtualHost, _), (.httpRoute, _),
      (.cluster, _), (.extensionConfig, _), (.bootstrap, _):
      false
    }
  }

  /// An extension's configuration is asked for by name, whatever asks.
  fileprivate func includes(
    _ patch: EnvoyFilter.Context, in context: EnvoyFilter.Context
  ) -> Bool {
    self == .extensions || patch == .any || patch == context
  }
}

extension EnvoyFilter.Match {
  fileprivate func includes(_ traits: ProxyTraits) -> Bool {
    guard let proxy else { return true }
    let metadata = traits.matchedMetadata
    if let version = proxy.version, !version.includes(metadata[EnvoyFilter.versionKey]) {
      return false
    }
    return proxy.metadata.allSatisfy { metadata[$0.key] == $0.value }
  }
}

extension EnvoyFilter {
  /// The key of a node's metadata that says its version of Istio.
  static let versionKey = "ISTIO_VERSION"

  /// The keys of a node's metadata that decide whether patches apply.
  var matchedKeys: Set<String> {
    patches.reduce(into: []) { keys, patch in
      guard let proxy = patch.match.proxy else { return }
      keys.formUnion(proxy.metadata.keys)
      if proxy.version != nil { keys.insert(Self.versionKey) }
    }
  }
}

extension ClusterReference {
  /// The cluster of that name.
  package var name: ClusterName {
    switch direction {
    case .outbound: .outbound(port: port, subset: subset, host: host)
    case .crossNetwork: .sniDNAT(port: port, subset: subset, host: host)
    case .inbound: .inbound(port: port)
    }
  }
}
