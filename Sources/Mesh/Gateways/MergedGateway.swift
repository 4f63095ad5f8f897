internal import Resources
internal import Store

/// The servers of all Gateways that apply to a class of proxies, conflicts settled.
///
/// The rules are istiod's (`mergeGateways` in `pilot/pkg/model/gateway.go`): the first server on a
/// port decides what may join it.
package struct MergedGateway: Hashable, Sendable {
  /// Servers that share a port, a protocol as written and a bind, in the order they came.
  package struct Entry: Hashable, Sendable {
    package let port: Int
    package let protocolText: String
    package let bind: String?
    /// The first server's, or the last one's that joined from another bind.
    package fileprivate(set) var routeName: RouteName?
    package fileprivate(set) var servers: [GatewayServer]
    /// Those of them that are served over QUIC as well, on the UDP port of the same number.
    package fileprivate(set) var quicServers: [GatewayServer] = []
  }

  /// A server that is not opened, because of an earlier one.
  package struct Rejection: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
      /// Hosts that an earlier server with TLS has on the same port and bind.
      case hostsTaken([String])
      /// The port speaks another protocol already.
      case protocolTaken(String)
      case portNameTaken
      /// Its certificates come from Istio's agent beside Envoy. A stock Envoy has none, and would keep
      /// the whole listener waiting for them.
      case needsAgent
    }
    package let server: GatewayServer
    package let reason: Reason
  }

  /// In the order of their first servers.
  package private(set) var entries: [Entry] = []
  package private(set) var serversByRouteName: [RouteName: [GatewayServer]] = [:]
  /// In the order of their first servers.
  package private(set) var routeNames: [RouteName] = []
  package private(set) var rejections: [Rejection] = []
  /// Servers that are not opened although nobody else has their hosts: a wider server of the same
  /// listener must not take their connections.
  package var closed: [GatewayServer] {
    rejections.filter { $0.reason == .needsAgent }.map(\.server)
  }
  /// The route configurations whose responses tell clients of HTTP/3.
  package private(set) var routesOverQUIC: Set<RouteName> = []

  /// What tells entries apart.
  private struct PortKey: Hashable {
    let port: Int
    let protocolText: String
    let bind: String?
  }
  /// The entries of one port.
  private struct Port {
    var positions: [PortKey: Int] = [:]
    /// The one that was opened last, which is mostly the one that is looked for.
    var last = 0
    /// The plaintext one.
    var plaintext: Int?
  }
  private struct Settling {
    var ports: [Port] = []
    /// Where a port stands among them.
    var places: [Int: Int] = [:]
    /// The number of the port that each declared one comes to.
    var targets: [Int: Int] = [:]
    /// The last server's that speaks plain HTTP.
    var plainRoutes: RouteName?
    /// The binds of hosts with TLS.
    var tlsBinds: [PortHost: String?] = [:]
  }
  private struct PortHost: Hashable {
    let port: Int
    let host: ServerHost

    /// The host's name tells apart nearly all.
    func hash(into hasher: inout Hasher) { hasher.combine(host.host) }
  }

  /// Merges Gateways in their order; `targetPort` is the port a proxy listens on for a Service's.
  /// `takesUDP` says whether a Service brings UDP to that port of the proxies: a server that ends HTTPS
  /// on it speaks HTTP/3 too.
  init(
    _ gateways: [(NamespacedName, Gateway)], hasAgent: Bool, targetPort: (Int) -> Int?,
    takesUDP: (Int) -> Bool
  ) {
    var settling = Settling()
    // By index: of a server that is copied all parts are counted.
    var (hosts, routes) = (0, 0)
    for index in gateways.indices {
      for place in gateways[index].1.servers.indices
      where gateways[index].1.servers[place].isTLS {
        hosts += gateways[index].1.servers[place].hosts.count
        if gateways[index].1.servers[place].isHTTP { routes += 1 }
      }
    }
    settling.tlsBinds.reserveCapacity(hosts)
    serversByRouteName.reserveCapacity(routes)
    for (id, gateway) in gateways {
      for (index, spec) in gateway.servers.enumerated() {
        let port = spec.port.number
        let target = settling.targets[port] ?? targetPort(port) ?? port
        if settling.targets[port] == nil { settling.targets[port] = target }
        let server = GatewayServer(
          ServerReference(gateway: id, index: index), spec, resolvedPort: target,
          like: settling.plainRoutes)
        if spec.port.portProtocol.isHTTP { settling.plainRoutes = server.routeName }
        let reason =
          spec.needsAgent && !hasAgent ? refuse(server, &settling) : add(server, &settling)
        if let reason {
          rejections.append(Rejection(server: server, reason: reason))
        } else if spec.isTLS, spec.isHTTP, takesUDP(port) {
          openQUIC(server)
        }
      }
    }
  }

  /// A server that cannot be opened keeps its hosts from others, which may ask less of clients.
  private func refuse(_ server: GatewayServer, _ settling: inout Settling) -> Rejection.Reason {
    takeHosts(server, &settling).map { .hostsTaken($0) } ?? .needsAgent
  }

  private mutating func add(_ server: GatewayServer, _ settling: inout Settling)
    -> Rejection.Reason?
  {
    let port = server.resolvedPort
    let key = PortKey(
      port: port, protocolText: server.spec.port.protocolText, bind: server.spec.bind)
    if server.spec.tls != nil, let taken = takeHosts(server, &settling) {
      return .hostsTaken(taken)
    }
    guard let place = settling.places[port] else {
      settling.places[port] = settling.ports.count
      settling.ports.append(Port())
      open(server, key, &settling.ports[settling.ports.count - 1])
      return nil
    }
    if let current = settling.ports[place].plaintext {
      return join(server, key, current, &settling.ports[place])
    }
    guard server.spec.isTLS else {
      open(server, key, &settling.ports[place])
      return nil
    }
    return joinTLS(server, key, &settling.ports[place])
  }

  private func position(of key: PortKey, in port: Port) -> Int? {
    let last = port.last
    if entries[last].protocolText == key.protocolText, entries[last].bind == key.bind {
      return last
    }
    return port.positions[key]
  }

  /// For a server that was added just now.
  private mutating func openQUIC(_ server: GatewayServer) {
    guard let position = entries.lastIndex(where: { $0.servers.last == server }) else { return }
    entries[position].quicServers.append(server)
    if let name = server.routeName { routesOverQUIC.insert(name) }
  }

  /// Envoy refuses two chains that match alike: a host that has a chain on the port and bind is taken.
  private func takeHosts(_ server: GatewayServer, _ settling: inout Settling) -> [String]? {
    let (port, bind) = (server.resolvedPort, server.spec.bind)
    let hosts = server.hosts
    // They are taken at once, since mostly nobody has them, and given back if somebody has.
    var before: [(host: PortHost, bind: String?)] = []
    var taken: [ServerHost] = []
    for (place, host) in hosts.enumerated() {
      let key = PortHost(port: port, host: host)
      guard let other = settling.tlsBinds.updateValue(bind, forKey: key) else { continue }
      if other != bind {
        before.append((key, other))
      } else if taken.contains(host) || !hosts[..<place].contains(host) {
        taken.append(host)
      }
    }
    guard !taken.isEmpty else { return nil }
    for host in hosts where !taken.contains(host) {
      settling.tlsBinds[PortHost(port: port, host: host)] = nil
    }
    for (host, bind) in before { settling.tlsBinds[host] = .some(bind) }
    return taken.map(\.description)
  }

  /// A new entry, which is the port's plaintext one unless it is TLS.
  private mutating func open(_ server: GatewayServer, _ key: PortKey, _ port: inout Port) {
    if !server.spec.isTLS { port.plaintext = entries.count }
    if server.spec.isHTTP, let name = server.routeName {
      let isNew = serversByRouteName.updateValue([server], forKey: name) == nil
      if isNew { routeNames.append(name) }
    }
    append(server, key, routeName: server.routeName, &port)
  }

  private mutating func append(
    _ server: GatewayServer, _ key: PortKey, routeName: RouteName?, _ port: inout Port
  ) {
    port.last = entries.count
    port.positions[key] = entries.count
    entries.append(
      Entry(
        port: key.port, protocolText: key.protocolText, bind: key.bind, routeName: routeName,
        servers: [server]))
  }

  /// Joins a port that a plaintext server owns.
  private mutating func join(
    _ server: GatewayServer, _ key: PortKey, _ current: Int, _ port: inout Port
  ) -> Rejection.Reason? {
    guard key.bind == entries[current].bind else {
      if let position = position(of: key, in: port) {
        entries[position].routeName = server.routeName
        entries[position].servers.append(server)
        note(server)
      } else {
        open(server, key, &port)
      }
      return nil
    }
    let mine = server.spec.port.portProtocol
    let theirs = entries[current].servers[0].spec.port.portProtocol
    guard (mine.isHTTP || mine == theirs) && theirs.isHTTP, server.routeName != nil else {
      return .protocolTaken(entries[current].protocolText)
    }
    entries[current].servers.append(server)
    note(server)
    return nil
  }

  private mutating func note(_ server: GatewayServer) {
    guard let name = server.routeName else { return }
    let count = MergedGateway.append(server, to: &serversByRouteName[name, default: []])
    if count == 1 { routeNames.append(name) }
  }

  /// Answers how many there are.
  private static func append(_ server: GatewayServer, to servers: inout [GatewayServer]) -> Int {
    servers.append(server)
    return servers.count
  }

  /// Joins a port on which so far only TLS is spoken.
  private mutating func joinTLS(
    _ server: GatewayServer, _ key: PortKey, _ port: inout Port
  ) -> Rejection.Reason? {
    if server.spec.isHTTP, let name = server.routeName {
      guard add(server, toNew: name) else { return .portNameTaken }
    }
    if let position = position(of: key, in: port) {
      entries[position].servers.append(server)
    } else {
      append(server, key, routeName: nil, &port)
    }
    return nil
  }

  /// Answers whether the server is the first of its route configuration, as one that ends TLS must be, and
  /// is it from now on; else nothing is changed.
  private mutating func add(_ server: GatewayServer, toNew name: RouteName) -> Bool {
    // It is put in at once, since mostly nobody has the name, and taken out if somebody has.
    if let others = serversByRouteName.updateValue([server], forKey: name) {
      serversByRouteName[name] = others
      return false
    }
    routeNames.append(name)
    return true
  }
}
