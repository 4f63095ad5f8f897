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

  private struct Source: Hashable {
    let gateway: NamespacedName
    let virtualService: NamespacedName
  }

  /// The virtual hosts for servers that share a route configuration, sorted by name.
  func plans(for servers: [GatewayServer]) -> [VirtualHostPlan] {
    var table = HostTable(capacity: servers.reduce(0) { $0 + $1.hosts.count })
    // One server asks for each list once.
    var known: [Source: Int] = [:]
    for server in servers {
      let (hosts, port, redirects) = (server.hosts, server.port, server.redirectsToHTTPS)
      for scope in bound(server.gateway) {
        let shared = hosts.shared(with: scope)
        guard !shared.isEmpty else { continue }
        let source = Source(gateway: server.gateway, virtualService: scope.id)
        let list: Int
        if servers.count > 1, let number = known[source] {
          list = number
        } else {
          guard let key = key(for: source, server) else { continue }
          list = table.lists.number(of: key)
          if servers.count > 1 { known[source] = list }
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
    if let known = known(host) { return known }
    entries.append(
      Entry(
        host: host, port: port, isWildcard: HostPattern(host).isWildcard, lists: 0,
        requiresTLS: false))
    if entries.count == Self.few + 1 {
      for (position, entry) in entries.enumerated() { positions[entry.host] = position }
    } else if entries.count > Self.few {
      positions[host] = entries.count - 1
    }
    return entries.count - 1
  }

  private func known(_ host: String) -> Int? {
    entries.count > Self.few ? positions[host] : entries.firstIndex { $0.host == host }
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
    let lengths = (a.host.utf8.count, b.host.utf8.count)
    return lengths.0 == lengths.1 ? a.host < b.host : lengths.0 > lengths.1
  }
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
