internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// The hosts that a request over a connection for other hosts is answered 421 for (RFC 9110 §15.5.20).
///
/// A client may ask for several hosts over one HTTP/2 connection if the certificate is good for all of
/// them (RFC 9113 §9.1.1). But the SNI with which it was opened chose a filter chain, and that chain's
/// routes are its own server's. A 404 for a host that another chain of the port owns would be the
/// client's last word; after a 421 it opens another connection, whose SNI chooses the right chain.
struct MisdirectedHosts: Hashable, Sendable {
  /// All hosts that own a chain of a listener.
  enum Owned: Hashable, Sendable {
    case listed([String])
    /// More than each of the chains can be told. Then a chain answers 421 for whatever is not its own,
    /// hosts that nobody owns included.
    case tooMany

    /// The most domains that the route configurations of one listener may name together.
    static let limit = 1 << 14
  }

  private let owned: Owned
  /// The server's own, which are never misdirected.
  private let own: Set<String>
  private let port: Int

  init(_ owned: Owned, for servers: [GatewayServer]) {
    self.owned = owned
    own = Set(servers.flatMap(\.sniHosts).map { $0.lowercased() })
    port = servers.first?.spec.port.number ?? 0
  }

  /// The virtual hosts of the server's route configuration, with those that answer for others' hosts.
  ///
  /// A host that has a virtual host here is served, whoever owns it; and so is every host where one
  /// takes all of them.
  func completed(_ plans: [VirtualHostPlan]) -> [VirtualHostPlan] {
    let served = Set(plans.flatMap(\.domains))
    guard !served.contains("*") else { return plans }
    let misdirected =
      switch owned {
      case .listed(let hosts): hosts.filter { !own.contains($0) && !served.contains($0) }
      case .tooMany: own.contains("*") ? [] : ["*"]
      }
    guard !misdirected.isEmpty else { return plans }
    // The server's own hosts without any route are answered 404 still, where a wider one of another's
    // would take them.
    let wide = misdirected.filter { HostPattern($0).isWildcard }.map { HostPattern($0) }
    let unrouted = own.filter { host in
      !served.contains(host) && wide.contains { HostPattern(host).isCovered(by: $0) }
    }
    let kept = wide.contains(HostPattern("*")) ? plans.filter { !$0.isBlackhole } : plans
    return kept + [.misdirected(domains: misdirected, port: port)]
      + (unrouted.isEmpty ? [] : [.unrouted(domains: unrouted.sorted(), port: port)])
  }

  /// What the HTTPS servers of a class of proxies share their listeners with, by route configuration.
  /// Those that are not there have a listener of their own, or speak to a proxy that is to be sent what
  /// istiod sends.
  static func owned(in merged: MergedGateway, of proxies: ProxyClass) -> [RouteName: Owned] {
    let listeners = Dictionary(grouping: merged.entries) { ListenerName($0, of: proxies) }
    return listeners.values.reduce(into: [:]) { owned, entries in
      let servers = entries.flatMap(\.servers).filter {
        $0.spec.isTLS && $0.spec.tls?.mode != .autoPassthrough
      }
      let ends = Set(servers.compactMap(\.routeName))
      let hosts = Set(servers.flatMap(\.sniHosts).map { $0.lowercased() })
      guard servers.count > 1 else { return }
      let all: Owned = hosts.count * ends.count > Owned.limit ? .tooMany : .listed(hosts.sorted())
      for name in ends { owned[name] = all }
    }
  }
}

extension VirtualHostPlan {
  fileprivate var domains: [String] {
    switch self {
    case .hosts(let hosts): hosts.domains.map { $0.lowercased() }
    case .blackhole: []
    case .misdirected(let domains, _), .unrouted(let domains, _): domains
    }
  }

  fileprivate var isBlackhole: Bool { if case .blackhole = self { true } else { false } }
}

extension MeshModel.MisdirectedRequests {
  /// Whether the proxies are to answer 421.
  func areAnswered(by proxies: ProxyClass) -> Bool {
    switch self {
    case .auto: proxies.traits.istioVersion == nil
    case .on: true
    case .off: false
    }
  }
}
