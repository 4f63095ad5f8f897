internal import Mesh
internal import Resources
internal import Store

/// One virtual host, before it is encoded: which domains, and whose routes in which order.
enum VirtualHostPlan: Hashable, Sendable {
  case hosts(Hosts)
  /// The one that a route configuration without any other has: it answers 404.
  case blackhole(port: Int)

  struct Hosts: Hashable, Sendable {
    let name: String
    var domains: [String]
    /// In the order in which they came; the same list may stand here twice.
    var lists: [RouteListKey]
    /// Plain HTTP is redirected to HTTPS (`httpsRedirect`).
    var requiresTLS: Bool
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
  let hasRoutes: (RouteListKey) -> Bool

  private struct Source: Hashable {
    let gateway: NamespacedName
    let virtualService: NamespacedName
  }

  /// The virtual hosts for servers that share a route configuration, sorted by name.
  func plans(for servers: [GatewayServer]) -> [VirtualHostPlan] {
    var table: [String: VirtualHostPlan.Hosts] = [:]
    var lists: [Source: RouteListKey] = [:]
    for server in servers {
      for id in bound(server.gateway) {
        let shared = server.hosts(for: id.namespace).intersection(hosts(id))
        guard !shared.isEmpty, let list = list(of: id, for: server, &lists) else { continue }
        for host in shared { add(list, to: host.text.lowercased(), of: server, &table) }
      }
      redirectHosts(of: server, &table)
    }
    if table.isEmpty { return servers.first.map { [.blackhole(port: $0.spec.port.number)] } ?? [] }
    return collapsed(table).sorted { $0.name < $1.name }.map(VirtualHostPlan.hosts)
  }

  private func list(
    of id: NamespacedName, for server: GatewayServer, _ lists: inout [Source: RouteListKey]
  ) -> RouteListKey? {
    let source = Source(gateway: server.gateway, virtualService: id)
    if let known = lists[source] { return known }
    let key = RouteListKey(
      proxies: proxies, gateway: server.gateway, virtualService: id, port: server.spec.port.number,
      isTLS: server.spec.tls != nil)
    guard hasRoutes(key) else { return nil }
    lists[source] = key
    return key
  }

  private func add(
    _ list: RouteListKey, to host: String, of server: GatewayServer,
    _ table: inout [String: VirtualHostPlan.Hosts]
  ) {
    table[host, default: plan(for: host, of: server)].lists.append(list)
    if server.redirectsToHTTPS { table[host]?.requiresTLS = true }
  }

  /// A server that redirects does so for hosts without any VirtualService as well. They are named as
  /// written, namespace included.
  private func redirectHosts(
    of server: GatewayServer, _ table: inout [String: VirtualHostPlan.Hosts]
  ) {
    guard server.redirectsToHTTPS else { return }
    for host in server.spec.hosts.map(\.description) {
      table[host, default: plan(for: host, of: server)].requiresTLS = true
    }
  }

  private func plan(for host: String, of server: GatewayServer) -> VirtualHostPlan.Hosts {
    let isIPv6 = host.utf8.contains(UInt8(ascii: ":"))
    return VirtualHostPlan.Hosts(
      name: "\(isIPv6 ? "[\(host)]" : host):\(server.spec.port.number)", domains: [host], lists: [],
      requiresTLS: false)
  }

  /// Hosts with the very same lists become domains of one virtual host, the longest's. As in istiod
  /// only the last virtual host with those lists is looked at, so one that redirects to HTTPS keeps
  /// those after it from those before it.
  private func collapsed(_ table: [String: VirtualHostPlan.Hosts]) -> [VirtualHostPlan.Hosts] {
    var plans: [VirtualHostPlan.Hosts] = []
    var last: [[RouteListKey]: Int] = [:]
    for (_, plan) in table.sorted(by: { precedes($0.key, $1.key) }) {
      if let position = last[plan.lists], plans[position].requiresTLS == plan.requiresTLS {
        plans[position].domains += plan.domains
      } else {
        last[plan.lists] = plans.count
        plans.append(plan)
      }
    }
    return plans
  }

  private func precedes(_ a: String, _ b: String) -> Bool {
    let wild = (HostPattern(a).isWildcard, HostPattern(b).isWildcard)
    if wild.0 != wild.1 { return wild.1 }
    let lengths = (a.utf8.count, b.utf8.count)
    return lengths.0 == lengths.1 ? a < b : lengths.0 > lengths.1
  }
}

extension GatewayServer {
  fileprivate var redirectsToHTTPS: Bool { spec.tls?.httpsRedirect ?? false }

  /// The hosts that are for VirtualServices of `namespace`.
  fileprivate func hosts(for namespace: String) -> [HostPattern] {
    spec.hosts.filter { $0.namespace == nil || $0.namespace == namespace }
      .map { HostPattern($0.host) }
  }
}
