internal import Diagnostics
internal import Incremental
internal import Resources
internal import Store

/// Hosts that several Gateways serve on one port of the same proxies (istioctl's
/// gateway.ConflictingGatewayAnalyzer).
struct SharedHosts {
  private struct Place: Digested {
    let port: Int
    let bind: String?
    let host: ServerHost
  }

  private struct User: Hashable, Comparable {
    let gateway: NamespacedName
    let selector: [String: String]

    static func < (a: Self, b: Self) -> Bool { a.gateway < b.gateway }
  }

  private let users: Index<Place, User>
  private let workloads: Workloads

  init(_ store: ObjectStore, _ workloads: Workloads) {
    let users = Index<Place, User>(store.graph)
    users.follow(store.gateways) { id, gateway in
      let user = User(gateway: id, selector: gateway.spec.selector)
      return Set(gateway.spec.servers.flatMap(Self.places)).map { ($0, user) }
    }
    self.users = users
    self.workloads = workloads
  }

  private static func places(_ server: Gateway.Server) -> [Place] {
    server.hosts.map { Place(port: server.port.number, bind: server.bind, host: $0) }
  }

  func remarks(_ id: NamespacedName, _ gateway: Gateway) -> [Remark] {
    gateway.servers.enumerated().compactMap { index, server in
      let shared = Self.places(server).compactMap { place -> (ServerHost, [User])? in
        let others = users[place].prefix(Crowd.limit).filter {
          $0.gateway != id && meet(gateway.selector, $0.selector)
        }
        return others.isEmpty ? nil : (place.host, others)
      }
      guard !shared.isEmpty else { return nil }
      let others = Set(shared.flatMap { $0.1.map(\.gateway) }).sorted()
      return Remark(
        .element("servers", index), ".hosts",
        .hostsOfSeveralGateways(
          shared.map(\.0.description), port: server.port.number,
          others: others.map(\.description)), basis: .surroundings)
    }
  }

  /// Both select the same labels, or one fewer than the other and a known workload has them all.
  private func meet(_ mine: [String: String], _ theirs: [String: String]) -> Bool {
    if mine == theirs { return true }
    let (few, many) = mine.count < theirs.count ? (mine, theirs) : (theirs, mine)
    return few.allSatisfy { many[$0.key] == $0.value } && workloads.areSelected(by: many)
  }
}
