internal import Mesh
internal import Resources
internal import Store

/// Distributes the routes of VirtualServices over virtual hosts, as istiod does for a gateway's route
/// configuration (`buildGatewayHTTPRouteConfig`).
struct VirtualHostTable {
  let proxies: ProxyClass
  /// The VirtualServices bound to a Gateway, in order.
  let bound: (NamespacedName) -> [VirtualServiceScope]
  /// A list without routes makes no virtual host.
  let reach: (RouteListKey) -> RouteList.Reach
  let isOverQUIC: Bool
  let countsAttempts: Bool

  /// The virtual hosts for servers that share a route configuration, sorted by name.
  func plans(for servers: [GatewayServer]) -> [VirtualHostPlan] {
    if servers.count == 1, let only = onlyPlan(for: servers[0]) { return only }
    var table = HostTable(capacity: servers.reduce(0) { $0 + $1.hosts.count })
    // A Gateway's servers stand one behind the other; the first of them asks for each list.
    var known: [NamespacedName: Int] = [:]
    for (place, server) in servers.enumerated() {
      let (hosts, port, redirects) = (server.hosts, server.port, server.redirectsToHTTPS)
      let isFirst = place == 0 || servers[place - 1].gateway != server.gateway
      let isLast = place + 1 == servers.count || servers[place + 1].gateway != server.gateway
      if isFirst, !known.isEmpty { known.removeAll(keepingCapacity: true) }
      for scope in bound(server.gateway) {
        let shared = hosts.shared(with: scope)
        guard !shared.isEmpty else { continue }
        let list: Int
        if !(isFirst && isLast), let number = known[scope.id] {
          list = number
        } else {
          guard let key = key(for: scope.id, server) else { continue }
          list = table.lists.number(of: key)
          if !isLast { known[scope.id] = list }
        }
        for host in shared { table.add(list, to: host.lowercased, port, requiresTLS: redirects) }
      }
      // A server that redirects does so for hosts without any VirtualService as well. They are named
      // with their namespace.
      guard redirects else { continue }
      for host in hosts { table.redirect(host.description.lowercased(), port) }
    }
    guard !table.isEmpty else {
      return servers.first.map { [.blackhole(port: $0.port)] } ?? []
    }
    return table.collapsed(countsAttempts: countsAttempts)
  }

  /// That of the one VirtualService of the one server, which speaks of the very same hosts: so it is with
  /// HTTPS, mostly. Nil where there is more to settle.
  private func onlyPlan(for server: GatewayServer) -> [VirtualHostPlan]? {
    let scopes = bound(server.gateway)
    guard scopes.count == 1, !server.redirectsToHTTPS, scopes[0].areDistinct else { return nil }
    let shared = server.hosts.shared(with: scopes[0])
    guard !shared.isEmpty, shared.count == scopes[0].hosts.count,
      shared.allSatisfy({ $0.isLowercase && !$0.isWildcard })
    else { return nil }
    guard let key = key(for: scopes[0].id, server) else { return [.blackhole(port: server.port)] }
    let domains = shared.map(\.text).sorted(by: precedesOfOneKind)
    return [
      .hosts(
        .init(
          name: authority(domains[0], port: server.port), domains: domains, lists: [key],
          requiresTLS: false, countsAttempts: countsAttempts))
    ]
  }

  /// The list of a VirtualService; where its routes depend on the server, that of this one. Nil without
  /// any.
  private func key(for virtualService: NamespacedName, _ server: GatewayServer) -> RouteListKey? {
    let any = RouteListKey(
      proxies: proxies, gateway: server.gateway, virtualService: virtualService,
      isOverQUIC: isOverQUIC, server: nil)
    switch reach(any) {
    case .none: return nil
    case .everyServer: return any
    case .server:
      let own = any.asked(
        by: .init(port: server.port, isTLS: server.spec.tls != nil))
      return reach(own) == .none ? nil : own
    }
  }
}

/// The virtual hosts of a route configuration while it is being put together, one a host.
private struct HostTable {
  var lists = ListSequences()
  private var entries: [Entry] = []
  /// Where hosts stand, of more than a few.
  private var positions: [String: Int] = [:]
  private static let few = 8

  private struct Entry {
    let host: String
    /// That of the first server to speak of the host.
    let port: Int
    let isWildcard: Bool
    /// Which of ``ListSequences``.
    var lists: Int
    var requiresTLS: Bool

    var name: String { authority(host, port: port) }
  }

  /// `capacity` is about how many hosts there will be.
  init(capacity: Int) {
    entries.reserveCapacity(capacity)
    if capacity > Self.few { positions.reserveCapacity(capacity) }
  }

  var isEmpty: Bool { entries.isEmpty }

  mutating func add(_ list: Int, to host: String, _ port: Int, requiresTLS: Bool) {
    let position = position(of: host, port)
    entries[position].lists = lists.sequence(entries[position].lists, then: list)
    if requiresTLS { entries[position].requiresTLS = true }
  }

  mutating func redirect(_ host: String, _ port: Int) {
    entries[position(of: host, port)].requiresTLS = true
  }

  private mutating func position(of host: String, _ port: Int) -> Int {
    let position = known(host)
    guard position == entries.count else { return position }
    entries.append(
      Entry(
        host: host, port: port, isWildcard: HostPattern(host).isWildcard, lists: 0,
        requiresTLS: false))
    if entries.count == Self.few + 1 {
      for (position, entry) in entries.enumerated() { positions[entry.host] = position }
    }
    return position
  }

  /// Where the host stands; at the end, if it is about to be added.
  private mutating func known(_ host: String) -> Int {
    guard entries.count > Self.few else {
      return entries.firstIndex { $0.host == host } ?? entries.count
    }
    return { (position: inout Int) in position }(&positions[host, default: entries.count])
  }

  /// Hosts with the very same lists become domains of one virtual host, the longest's. As in istiod
  /// only the last virtual host with those lists is looked at, so one that redirects to HTTPS keeps
  /// those after it from those before it.
  func collapsed(countsAttempts: Bool) -> [VirtualHostPlan] {
    let order = entries.indices.sorted { precedes(entries[$0], entries[$1]) }
    var plans: [VirtualHostPlan.Hosts] = []
    plans.reserveCapacity(order.count)
    var start = 0
    while start < order.count {
      let first = entries[order[start]]
      let end =
        order[start...].firstIndex {
          entries[$0].lists != first.lists || entries[$0].requiresTLS != first.requiresTLS
        } ?? order.count
      plans.append(
        VirtualHostPlan.Hosts(
          name: first.name, domains: order[start..<end].map { entries[$0].host },
          lists: lists.lists(of: first.lists), requiresTLS: first.requiresTLS,
          countsAttempts: countsAttempts))
      start = end
    }
    return plans.sorted { $0.name < $1.name }.map { .hosts($0) }
  }

  /// Hosts with the same lists together; of those wildcards last, then the longer first, then by letter.
  private func precedes(_ a: Entry, _ b: Entry) -> Bool {
    if a.lists != b.lists { return a.lists < b.lists }
    guard a.isWildcard == b.isWildcard else { return b.isWildcard }
    return precedesOfOneKind(a.host, b.host)
  }
}

/// Of two hosts that are wildcards both, or neither is: the longer first, then by letter.
private func precedesOfOneKind(_ a: String, _ b: String) -> Bool {
  let lengths = (a.utf8.count, b.utf8.count)
  return lengths.0 == lengths.1 ? a < b : lengths.0 > lengths.1
}

/// Sequences of lists, each told by a number: the hosts of one VirtualService have the same, however
/// long it has become.
private struct ListSequences {
  private var keys: [RouteListKey] = []
  /// How each sequence came about, from 1 on; 0 is the one of no lists.
  private var steps: [Step] = []
  private var numbers: [Step: Int] = [:]

  private struct Step: Hashable {
    let sequence: Int
    let list: Int
  }

  /// A number for a list that has none yet.
  mutating func number(of key: RouteListKey) -> Int {
    keys.append(key)
    return keys.count - 1
  }

  /// The sequence that has one more list.
  mutating func sequence(_ sequence: Int, then list: Int) -> Int {
    let step = Step(sequence: sequence, list: list)
    // What the host before came to, mostly.
    if let last = steps.last, last == step { return steps.count }
    if let known = numbers[step] { return known }
    steps.append(step)
    numbers[step] = steps.count
    return steps.count
  }

  func lists(of sequence: Int) -> [RouteListKey] {
    var lists: [RouteListKey] = []
    var sequence = sequence
    while sequence > 0 {
      let step = steps[sequence - 1]
      lists.append(keys[step.list])
      sequence = step.sequence
    }
    lists.reverse()
    return lists
  }
}
