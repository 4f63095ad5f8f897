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
    if servers.count == 1, let only = onlyPlan(for: servers[0]) { return [only] }
    var table = HostTable(capacity: servers.reduce(0) { $0 + $1.hosts.count })
    // A Gateway's servers stand together, and one of them asks for each list.
    var known: [Source: Int] = [:]
    for (place, server) in servers.enumerated() {
      let (hosts, port, redirects) = (server.hosts, server.port, server.redirectsToHTTPS)
      let isAgain = place > 0 && servers[place - 1].gateway == server.gateway
      let comesAgain = place + 1 < servers.count && servers[place + 1].gateway == server.gateway
      if !isAgain, !known.isEmpty { known.removeAll(keepingCapacity: true) }
      for scope in bound(server.gateway) {
        let shared = hosts.shared(with: scope)
        guard !shared.isEmpty else { continue }
        let source = Source(gateway: server.gateway, virtualService: scope.id)
        let list: Int
        if isAgain, let number = known[source] {
          list = number
        } else {
          guard let key = key(for: source, server) else { continue }
          list = table.lists.number(of: key)
          if comesAgain { known[source] = list }
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

  /// The virtual host of a server that one VirtualService speaks of, and that of no other hosts: that of most
  /// servers with routes of their own. Nil where there is more to settle.
  private func onlyPlan(for server: GatewayServer) -> VirtualHostPlan? {
    guard !server.redirectsToHTTPS, case let scopes = bound(server.gateway), scopes.count == 1,
      server.hosts.isSame(as: scopes[0]),
      scopes[0].hosts.allSatisfy({ $0.text.isLowercaseASCII }),
      let key = key(
        for: Source(gateway: server.gateway, virtualService: scopes[0].id), server)
    else { return nil }
    let domains = inOrder(scopes[0].hosts.map(\.text))
    return domains.first.map { first in
      .hosts(
        VirtualHostPlan.Hosts(
          name: authority(first, port: server.port), domains: domains, lists: [key],
          requiresTLS: false, countsAttempts: countsAttempts))
    }
  }

  /// Hosts without wildcards as they stand in one virtual host.
  private func inOrder(_ hosts: [String]) -> [String] {
    func precedes(_ a: String, _ b: String) -> Bool {
      let (long, other) = (a.utf8.count, b.utf8.count)
      return long == other ? a < b : long > other
    }
    let isSorted = hosts.indices.dropFirst().allSatisfy { !precedes(hosts[$0], hosts[$0 - 1]) }
    return isSorted ? hosts : hosts.sorted(by: precedes)
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
  private var isFew: Bool
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
    isFew = capacity <= Self.few
    if !isFew { positions.reserveCapacity(capacity) }
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
    let next = entries.count
    let position =
      isFew
      ? entries.firstIndex { $0.host == host } ?? next
      : positions[host].claimed(next)
    guard position == next else { return position }
    entries.append(
      Entry(
        host: host, port: port, isWildcard: HostPattern(host).isWildcard, lists: 0,
        requiresTLS: false))
    if entries.count == Self.few + 1, isFew {
      isFew = false
      for (position, entry) in entries.enumerated() { positions[entry.host] = position }
    }
    return position
  }

  /// Hosts with the very same lists become domains of one virtual host, the longest's. As in istiod
  /// only the last virtual host with those lists is looked at, so one that redirects to HTTPS keeps
  /// those after it from those before it.
  func collapsed(countsAttempts: Bool) -> [VirtualHostPlan] {
    let order = inOrder
    var plans: [VirtualHostPlan.Hosts] = []
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
    if plans.count > 1 { plans.sort { $0.name < $1.name } }
    return plans.map { .hosts($0) }
  }

  /// Most are put in as they are to stand.
  private var inOrder: [Int] {
    let order = Array(entries.indices)
    let isSorted = order.dropFirst().allSatisfy { !precedes($0, $0 - 1) }
    return isSorted ? order : order.sorted { precedes($0, $1) }
  }

  /// Hosts with the same lists together; of those wildcards last, then the longer first, then by letter.
  private func precedes(_ a: Int, _ b: Int) -> Bool {
    if entries[a].lists != entries[b].lists { return entries[a].lists < entries[b].lists }
    guard entries[a].isWildcard == entries[b].isWildcard else { return entries[b].isWildcard }
    let lengths = (entries[a].host.utf8.count, entries[b].host.utf8.count)
    return lengths.0 == lengths.1
      ? entries[a].host < entries[b].host : lengths.0 > lengths.1
  }
}

/// Sequences of lists, each told by a number: the hosts of one VirtualService have the same, however
/// long it has become.
private struct ListSequences {
  private var keys: [RouteListKey] = []
  /// How each sequence came about, from 1 on; 0 is the one of no lists.
  private var steps: [Step] = []
  /// The sequences of one list alone, by the list; 0 where there is none. Most hosts have no more.
  private var single: [Int] = []
  private var numbers: [Step: Int] = [:]

  private struct Step: Hashable {
    let sequence: Int
    let list: Int
  }

  /// A number for a list that has none yet.
  mutating func number(of key: RouteListKey) -> Int {
    keys.append(key)
    single.append(0)
    return keys.count - 1
  }

  /// The sequence that has one more list.
  mutating func sequence(_ sequence: Int, then list: Int) -> Int {
    let step = Step(sequence: sequence, list: list)
    // What the host before came to, mostly.
    if let last = steps.last, last == step { return steps.count }
    let next = steps.count + 1
    guard sequence > 0 else {
      if single[list] == 0 {
        single[list] = next
        steps.append(step)
      }
      return single[list]
    }
    let number = numbers[step].claimed(next)
    if number == next { steps.append(step) }
    return number
  }

  func lists(of sequence: Int) -> [RouteListKey] {
    if sequence > 0, steps[sequence - 1].sequence == 0 { return [keys[steps[sequence - 1].list]] }
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

extension Int? {
  /// The number, which is `next` from now on if there was none: one look-up where this is a place in a
  /// dictionary.
  fileprivate mutating func claimed(_ next: Int) -> Int {
    let number = self ?? next
    self = number
    return number
  }
}
