internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Applies patches of FILTER_CHAIN, NETWORK_FILTER and HTTP_FILTER to one filter chain (istiod's
/// `patchFilterChain`).
struct FilterChainPatches: Hashable {
  /// Those that are about the chain's listener.
  private let groups: PatchGroups
  /// Of a listener that takes connections for all ports, chains are told by their port.
  private let isVirtual: Bool

  init(_ groups: PatchGroups, ofVirtualListener isVirtual: Bool) {
    self.groups = groups
    self.isVirtual = isVirtual
  }

  var isEmpty: Bool {
    groups[.filterChain].isEmpty && groups[.networkFilter].isEmpty && groups[.httpFilter].isEmpty
  }

  /// A chain after its patches.
  struct Outcome: Hashable {
    /// Nil where it is as it was.
    var changed: [UInt8]?
    /// It has no filters: removed, or none from the start. istiod leaves such chains out at the end.
    var isWithoutFilters = false
    /// A patch was given up on, and with it all that would come after.
    var isBroken = false
  }

  /// Field numbers of `envoy.config.listener.v3` and `envoy.config.core.v3`.
  enum Field {
    static let match = 1
    static let filters = 3
    static let transportSocket = 6
    static let name = 7
    static let socketName = 1
    static let socketConfig = 3
  }

  func outcome(of chain: [UInt8]) -> Outcome {
    var outcome = Outcome()
    var view = ChainView(chain)
    guard view.parts.has(Field.filters) else {
      outcome.isWithoutFilters = true
      return outcome
    }
    for patch in groups[.filterChain] where view.matches(patch, isVirtual: isVirtual) {
      if patch.operation == .remove {
        view.parts.set(Field.filters, to: [])
        return Outcome(changed: view.parts.bytes, isWithoutFilters: true)
      }
      guard patch.operation.listMerge != nil else { continue }
      switch merged(patch, into: view.parts) {
      case .merged(let bytes):
        view = ChainView(bytes)
        outcome.changed = bytes
      case .unreadable: continue
      case .otherType:
        outcome.isBroken = true
        return outcome
      }
    }
    let applying = groups.filter {
      $0.applyTo != .filterChain && view.matches($0, isVirtual: isVirtual)
    }
    guard !applying.isEmpty else { return outcome }
    var filters = NetworkFilterPatches(applying)
    let before = view.parts.elements(Field.filters)
    let after = filters.changed(before)
    outcome.isBroken = filters.isBroken
    if after != before {
      view.parts.set(Field.filters, to: after)
      outcome.changed = view.parts.bytes
    }
    return outcome
  }

  /// A patch with the transport socket that the chain has is about nothing else: it goes into that
  /// one's configuration.
  private func merged(_ patch: EnvoyFilter.Patch, into chain: MessageParts) -> AnyMerge {
    guard let socket = MessageParts(patch.value).parts(Field.transportSocket),
      var present = chain.parts(Field.transportSocket),
      socket.text(Field.socketName) == present.text(Field.socketName)
    else { return .merged(patch.merged(into: chain.bytes, as: Envoy.FilterChain.messageType)) }
    guard let base = present.message(Field.socketConfig),
      let change = socket.message(Field.socketConfig)
    else { return .merged(chain.bytes) }
    switch AnyMerge(base, with: change) {
    case .merged(let bytes):
      var chain = chain
      present.set(Field.socketConfig, to: [bytes])
      chain.set(Field.transportSocket, to: [present.bytes])
      return .merged(chain.bytes)
    case .unreadable: return .unreadable
    case .otherType: return .otherType
    }
  }
}

/// A chain, and what matches look at of it.
private struct ChainView {
  var parts: MessageParts
  private let match: MessageParts?

  /// Field numbers of `envoy.config.listener.v3.FilterChainMatch`.
  private enum Field {
    static let destinationPort = 8
    static let transportProtocol = 9
    static let applicationProtocols = 10
    static let serverNames = 11
  }

  init(_ chain: [UInt8]) {
    parts = MessageParts(chain)
    match = parts.parts(FilterChainPatches.Field.match)
  }

  private var destinationPort: Int? {
    match?.parts(Field.destinationPort).map { Int(clamping: $0.number(1)) }
  }

  func matches(_ patch: EnvoyFilter.Patch, isVirtual: Bool) -> Bool {
    guard case .listener(let wanted)? = patch.match.object else { return true }
    if isVirtual, wanted.port > 0, (destinationPort ?? 0) != wanted.port { return false }
    guard let chain = wanted.chain else { return true }
    return (chain.name.isEmpty || chain.name == parts.text(FilterChainPatches.Field.name))
      && (chain.serverName.isEmpty
        || match?.texts(Field.serverNames).contains(chain.serverName) ?? false)
      && (chain.transportProtocol.isEmpty
        || match?.text(Field.transportProtocol) == chain.transportProtocol)
      && chain.applicationProtocols.allSatisfy {
        match?.texts(Field.applicationProtocols).contains($0) ?? false
      }
      && (chain.destinationPort == 0 || chain.destinationPort == destinationPort)
  }
}
