internal import Mesh
internal import Resources
internal import Store

/// One virtual host, before it is encoded: which domains, and whose routes in which order.
enum VirtualHostPlan: Hashable, Sendable {
  case hosts(Hosts)
  /// The one that a route configuration without any other has: it answers 404.
  case blackhole(port: Int)
  /// Hosts that another filter chain of the port owns: 421.
  case misdirected(domains: [String], port: Int)
  /// Hosts of the server's own that nothing is said about: 404.
  case unrouted(domains: [String], port: Int)

  struct Hosts: Hashable, Sendable {
    let name: String
    var domains: [String]
    /// In the order in which they came; the same list may stand here twice.
    var lists: [RouteListKey]
    /// Plain HTTP is redirected to HTTPS (`httpsRedirect`).
    var requiresTLS: Bool

    /// The name tells apart nearly all there are at a time.
    func hash(into hasher: inout Hasher) { hasher.combine(name) }
  }
}

extension VirtualHostPlan {
  /// Unique in its route configuration.
  var name: String {
    switch self {
    case .hosts(let hosts): hosts.name
    case .blackhole(let port): "blackhole:\(port)"
    case .misdirected(_, let port): "misdirected:\(port)"
    case .unrouted(_, let port): "unrouted:\(port)"
    }
  }
}

/// Distributes the routes of VirtualServices over virtual hosts, as istiod does for a gateway's route
/// configuration (`buildGatewayHTTPRouteConfig`).
struct VirtualHostTable {
  let proxies: ProxyClass
  /// The VirtualServices bound to a Gateway, in order.
  let bound: (NamespacedName) -> [NamespacedName]
  let hosts: (NamespacedName) -> [HostPattern]
  /// A list without routes makes no virtual host.
  let reach: (RouteListKey) -> RouteList.Reach
  let isOverQUIC: Bool

  private struct Source: Hashable {
    let gateway: NamespacedName
    let virtualService: NamespacedName
  }

  /// The virtual hosts for servers that share a route configuration, sorted by name.
  func plans(for servers: [GatewayServer]) -> [VirtualHostPlan] {
    var table = HostTable()
    var lists: [Source: RouteListKey] = [:]
    for server in servers {
      for id in bound(server.gateway) {
        let shared = server.spec.hosts.patterns(for: id.namespace).intersection(hosts(id))
        guard !shared.isEmpty, let list = list(of: id, for: server, &lists) else { continue }
        for host in shared {
          table.change(host.text.lowercased(), of: server) {
            $0.lists.append(list)
            if server.redirectsToHTTPS { $0.requiresTLS = true }
          }
        }
      }
      // A server that redirects does so for hosts without any VirtualService as well. They are named
      // with their namespace.
      guard server.redirectsToHTTPS else { continue }
      for host in server.spec.hosts {
        table.change(host.description.lowercased(), of: server) { $0.requiresTLS = true }
      }
    }
    guard !table.isEmpty else {
      return servers.first.map { [.blackhole(port: $0.spec.port.number)] } ?? []
    }
    return table.collapsed()
  }

  private func list(
    of id: NamespacedName, for server: GatewayServer, _ lists: inout [Source: RouteListKey]
  ) -> RouteListKey? {
    let source = Source(gateway: server.gateway, virtualService: id)
    if let known = lists[source] { return known }
    guard let key = key(for: source, server) else { return nil }
    lists[source] = key
    return key
  }
}

extension VirtualHostTable {
  /// The list of a source; where its routes depend on the server, that of this one. Nil without any.
  private func key(for source: Source, _ server: GatewayServer) -> RouteListKey? {
    let any = RouteListKey(
      proxies: proxies, gateway: source.gateway, virtualService: source.virtualService,
      isOverQUIC: isOverQUIC, server: nil)
    switch reach(any) {
    case .none: return nil
    case .everyServer: return any
    case .server:
      let own = any.asked(
        by: .init(port: server.spec.port.number, isTLS: server.spec.tls != nil))
      return reach(own) == .none ? nil : own
    }
  }
}

/// The virtual hosts of a route configuration while it is being put together, one a host.
private struct HostTable {
  private var plans: [VirtualHostPlan.Hosts] = []
  /// Whether the host of the same place is a wildcard: asked once, and not at each comparison.
  private var isWildcard: [Bool] = []
  private var positions: [String: Int] = [:]

  var isEmpty: Bool { plans.isEmpty }

  /// Changes the host's virtual host, which the first server to speak of it makes and names.
  mutating func change(
    _ host: String, of server: GatewayServer, _ body: (inout VirtualHostPlan.Hosts) -> Void
  ) {
    let position = positions[host] ?? plans.count
    if position == plans.count {
      positions[host] = position
      isWildcard.append(HostPattern(host).isWildcard)
      plans.append(
        VirtualHostPlan.Hosts(
          name: authority(host, port: server.spec.port.number), domains: [host], lists: [],
          requiresTLS: false))
    }
    body(&plans[position])
  }

  /// Hosts with the very same lists become domains of one virtual host, the longest's. As in istiod
  /// only the last virtual host with those lists is looked at, so one that redirects to HTTPS keeps
  /// those after it from those before it.
  func collapsed() -> [VirtualHostPlan] {
    var merged: [VirtualHostPlan.Hosts] = []
    var last: [[RouteListKey]: Int] = [:]
    for position in plans.indices.sorted(by: precedes) {
      let plan = plans[position]
      if let earlier = last[plan.lists], merged[earlier].requiresTLS == plan.requiresTLS {
        merged[earlier].domains += plan.domains
      } else {
        last[plan.lists] = merged.count
        merged.append(plan)
      }
    }
    return merged.indices.sorted { merged[$0].name < merged[$1].name }.map { .hosts(merged[$0]) }
  }

  /// Wildcards last, then the longer first, then by letter.
  private func precedes(_ a: Int, _ b: Int) -> Bool {
    guard isWildcard[a] == isWildcard[b] else { return isWildcard[b] }
    let (first, second) = (plans[a].domains[0], plans[b].domains[0])
    let lengths = (first.utf8.count, second.utf8.count)
    return lengths.0 == lengths.1 ? first < second : lengths.0 > lengths.1
  }
}

extension GatewayServer {
  fileprivate var redirectsToHTTPS: Bool { spec.tls?.httpsRedirect ?? false }
}
