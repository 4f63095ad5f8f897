internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources
internal import Segments

/// Listeners with the patches of EnvoyFilters applied, each filter chain by itself, so that a changed
/// server costs its own chain.
///
/// istiod patches the listeners of a proxy in one go, and gives up on all that are left, in no order,
/// where a patch cannot be merged. Here one listener's trouble is its own; but nothing is added then,
/// as in istiod.
struct ListenerPatching {
  private struct PatchedChain: Hashable {
    /// As an element of its listener.
    let element: Rope
    let isWithoutFilters: Bool
    let isBroken: Bool
  }

  /// A listener put together again.
  private struct Assembled: Hashable {
    /// Nil where it is removed.
    let body: Rope?
    let isBroken: Bool
  }

  private let model: MeshModel
  private let assembled: Derived<ResourceKey<ListenerName>, Assembled>

  /// `own` is nil for a listener that is not there, being without chains.
  init(
    _ model: MeshModel, own: @escaping (ResourceKey<ListenerName>) -> Rope?,
    keys: @escaping (ResourceKey<ListenerName>) -> [ListenerCompiler.ChainKey],
    chains: Derived<ListenerCompiler.ChainKey, Rope>
  ) {
    self.model = model
    let graph = model.graph
    let listeners = Derived<ResourceKey<ListenerName>, PatchedListener?>(
      graph, "patchedListener"
    ) { key in
      own(key).map {
        PatchedListener($0.flattened(), ListenerPatching.patches(of: key.proxies, model))
      }
    }
    let chainPatches = Derived<ResourceKey<ListenerName>, FilterChainPatches?>(
      graph, "filterChainPatches"
    ) { listeners($0)?.chainPatches }
    let patched = Derived<ListenerCompiler.ChainKey, PatchedChain>(
      graph, "patchedFilterChain"
    ) { key in ListenerPatching.patched(chains(key), by: chainPatches(key.listener)) }
    let gathered = Gathered(graph, "patchedFilterChains", of: patched, keys: keys)
    assembled = Derived(graph, "assembledListener") { key in
      guard let listener = listeners(key), let own = listener.own else {
        return Assembled(body: nil, isBroken: false)
      }
      return ListenerPatching.assembled(
        listener, own, listener.keepsChains ? gathered(key) : [],
        unpatched: { keys(key).map { chains($0) } })
    }
  }

  private static func patches(of proxies: ProxyClass, _ model: MeshModel) -> PatchGroups {
    model.envoyFilters.patches(.init(proxies, .listeners, .gateway))
  }

  /// Whether listeners of the class are patched at all.
  func isNeeded(for proxies: ProxyClass) -> Bool {
    !ListenerPatching.patches(of: proxies, model).isEmpty
  }

  func body(_ key: ResourceKey<ListenerName>) -> Rope? { assembled(key).body }

  /// The listeners that patches add to these, by name; of each name the first.
  func added(to names: [ListenerName], _ proxies: ProxyClass) -> [String] {
    let values = ListenerPatching.added(proxies, model)
    guard !values.isEmpty else { return [] }
    var taken = Set(names.map(\.text))
    let isBroken = names.contains { assembled(ResourceKey(proxies, $0)).isBroken }
    return isBroken ? [] : values.map(\.valueName).filter { taken.insert($0).inserted }
  }

  func added(_ name: String, _ proxies: ProxyClass) -> Rope? {
    ListenerPatching.added(proxies, model).first { $0.valueName == name }.map { Rope($0.value) }
  }

  private static func added(_ proxies: ProxyClass, _ model: MeshModel) -> [EnvoyFilter.Patch] {
    patches(of: proxies, model)[.listener].filter {
      $0.operation == .add && !$0.valueName.isEmpty
    }
  }
}

// MARK: - Chains

extension ListenerPatching {
  private static func patched(_ element: Rope, by patches: FilterChainPatches?) -> PatchedChain {
    guard let patches, !patches.isEmpty else {
      return PatchedChain(element: element, isWithoutFilters: false, isBroken: false)
    }
    let contents = MessageParts(element.flattened()).elements(PatchedListener.Field.chains)[0]
    return patched(contents, element, by: patches)
  }

  private static func patched(
    _ contents: [UInt8], _ element: Rope, by patches: FilterChainPatches
  ) -> PatchedChain {
    let outcome = patches.outcome(of: contents)
    return PatchedChain(
      element: outcome.changed.map(chain) ?? element, isWithoutFilters: outcome.isWithoutFilters,
      isBroken: outcome.isBroken)
  }

  private static func chain(_ contents: [UInt8]) -> Rope {
    Rope(joining: [.field(PatchedListener.Field.chains, Rope(contents))])
  }

  /// The chains one after another until one is given up on; the rest then stay as they were.
  private static func assembled(
    _ listener: PatchedListener, _ own: [UInt8], _ chains: [PatchedChain],
    unpatched: () -> [Rope]
  ) -> Assembled {
    let merged = listener.mergedChains.map { contents in
      listener.isBroken
        ? PatchedChain(element: chain(contents), isWithoutFilters: false, isBroken: false)
        : patched(contents, chain(contents), by: listener.chainPatches)
    }
    let all = chains + merged
    let broken = listener.isBroken ? -1 : all.firstIndex(where: \.isBroken) ?? all.count
    guard broken == all.count else {
      let before = (listener.keepsChains ? unpatched() : []) + listener.mergedChains.map(chain)
      let elements = all.indices.map { $0 <= broken ? all[$0].element : before[$0] }
      return Assembled(body: Rope(joining: [Rope(own)] + elements), isBroken: true)
    }
    let (own, isBroken) = withDefaultChain(own, listener.chainPatches)
    guard !isBroken else {
      return Assembled(
        body: Rope(joining: [Rope(own)] + all.map(\.element)), isBroken: true)
    }
    let added = listener.addedChains.filter {
      MessageParts($0).has(FilterChainPatches.Field.filters)
    }.map(chain)
    return Assembled(
      body: Rope(
        joining: [Rope(own)] + all.filter { !$0.isWithoutFilters }.map(\.element) + added),
      isBroken: false)
  }

  /// The chain for connections that no other takes is patched after them; one without filters from
  /// the start is left alone.
  private static func withDefaultChain(
    _ own: [UInt8], _ patches: FilterChainPatches
  ) -> (own: [UInt8], isBroken: Bool) {
    var parts = MessageParts(own)
    guard let contents = parts.message(PatchedListener.Field.defaultChain),
      MessageParts(contents).has(FilterChainPatches.Field.filters)
    else { return (own, false) }
    let outcome = patches.outcome(of: contents)
    if outcome.isWithoutFilters {
      parts.set(PatchedListener.Field.defaultChain, to: [])
    } else if let changed = outcome.changed {
      parts.set(PatchedListener.Field.defaultChain, to: [changed])
    }
    return (parts.bytes, outcome.isBroken)
  }
}
