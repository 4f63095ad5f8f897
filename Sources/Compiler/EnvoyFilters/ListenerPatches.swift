internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A listener that is patched: what becomes of its own fields, and which patches go on to its chains
/// (istiod's `patchListener`).
struct PatchedListener: Hashable {
  /// All of it but filter chains; nil where it is removed.
  let own: [UInt8]?
  /// False where a patch has put other chains in the place of those that were there.
  let keepsChains: Bool
  /// Chains that stood in merged values.
  let mergedChains: [[UInt8]]
  let chainPatches: FilterChainPatches
  /// Chains that patches add behind the others.
  let addedChains: [[UInt8]]
  /// A patch was given up on, and with it all of chains.
  let isBroken: Bool

  /// Field numbers of `envoy.config.listener.v3` and `envoy.config.core.v3`.
  enum Field {
    static let name = 1
    static let address = 2
    static let chains = 3
    static let listenerFilters = 9
    static let defaultChain = 25
    static let socketAddress = 1
    static let port = 3
    static let filterName = 1
    static let filterConfig = 3
    static let filterDiscovery = 5
  }

  init(_ own: [UInt8], _ groups: PatchGroups) {
    var bytes = own
    var view = ListenerView(MessageParts(own))
    var keepsChains = true
    for patch in groups[.listener] where view.matches(patch) {
      if patch.operation == .remove {
        self.init(removed: ())
        return
      }
      guard let lists = patch.operation.listMerge else { continue }
      bytes = patch.merged(into: bytes, as: Envoy.Listener.messageType)
      if lists == .replace, MessageParts(patch.value).has(Field.chains) { keepsChains = false }
      view = ListenerView(MessageParts(bytes))
    }
    let applying = groups.filter { view.matches($0) }
    var parts = MessageParts(bytes)
    let merged = parts.elements(Field.chains)
    if !merged.isEmpty { parts.set(Field.chains, to: []) }
    let isBroken = !PatchedListener.patchFilters(of: &parts, by: applying[.listenerFilter])
    self.init(
      own: parts.bytes, keepsChains: keepsChains, mergedChains: merged,
      chainPatches: FilterChainPatches(applying, ofVirtualListener: view.isVirtual),
      addedChains: applying[.filterChain].filter { $0.operation == .add }.map(\.value),
      isBroken: isBroken)
  }

  private init(removed: Void) {
    self.init(
      own: nil, keepsChains: false, mergedChains: [],
      chainPatches: FilterChainPatches(PatchGroups([]), ofVirtualListener: false),
      addedChains: [], isBroken: false)
  }

  private init(
    own: [UInt8]?, keepsChains: Bool, mergedChains: [[UInt8]], chainPatches: FilterChainPatches,
    addedChains: [[UInt8]], isBroken: Bool
  ) {
    self.own = own
    self.keepsChains = keepsChains
    self.mergedChains = mergedChains
    self.chainPatches = chainPatches
    self.addedChains = addedChains
    self.isBroken = isBroken
  }

  /// Answers whether none was given up on. Unlike the other filters, a merge goes into every listener
  /// filter, whichever it names, and gives no name.
  private static func patchFilters(
    of listener: inout MessageParts, by patches: [EnvoyFilter.Patch]
  ) -> Bool {
    guard !patches.isEmpty else { return true }
    var filters = listener.elements(Field.listenerFilters).map(MessageParts.init)
    defer { listener.set(Field.listenerFilters, to: filters.map(\.bytes)) }
    for patch in patches {
      let name = patch.match.listenerFilter
      filters.apply(patch, at: name.map { name in { $0.text(Field.filterName) == name } })
      guard patch.operation == .merge, name != nil,
        let change = MessageParts(patch.value).message(Field.filterConfig)
      else { continue }
      for index in filters.indices {
        guard let config = filters[index].message(Field.filterConfig) else { continue }
        switch AnyMerge(config, with: change) {
        case .merged(let merged): filters[index].set(Field.filterConfig, to: [merged])
        case .unreadable: break
        case .otherType: return false
        }
      }
    }
    return true
  }
}

/// What matches look at of a listener.
private struct ListenerView {
  let name: String
  let port: Int?

  init(_ parts: MessageParts) {
    name = parts.text(PatchedListener.Field.name)
    port = parts.parts(PatchedListener.Field.address)?.parts(PatchedListener.Field.socketAddress)
      .map { Int(clamping: $0.number(PatchedListener.Field.port)) }
  }

  /// It takes all connections of a sidecar, whatever port they were meant for.
  var isVirtual: Bool { name == "virtualInbound" || name == "virtualOutbound" }

  func matches(_ patch: EnvoyFilter.Patch) -> Bool {
    guard case .listener(let match)? = patch.match.object else { return true }
    guard match.name.isEmpty || match.name == name else { return false }
    // Within those listeners the port is asked of the chains.
    if isVirtual, patch.applyTo != .listener { return true }
    return match.port == 0 || match.port == port
  }
}

extension EnvoyFilter.Match {
  /// The listener filter it names.
  fileprivate var listenerFilter: String? {
    guard case .listener(let match)? = object, !match.listenerFilter.isEmpty else { return nil }
    return match.listenerFilter
  }
}
