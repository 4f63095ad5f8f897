internal import Mesh
internal import Resources

/// What proxies of one network are told of endpoints in others: the gateways there, in the place of the
/// endpoints (Istio's `EndpointsByNetworkFilter`).
struct NetworkSplit {
  let gateways: NetworkGateways
  let proxies: ProxyClass

  private var traits: ProxyTraits { _read { yield proxies.traits } }

  func apply(to groups: [LocalityGroup]) -> [LocalityGroup] {
    guard !gateways.isEmpty else { return groups }
    return groups.map { group in
      var group = group
      let (near, far) = split(group.members)
      group.members = near + far
      return group.weighted
    }
  }

  private var own: String { traits.metadata.network ?? "" }

  private func split(
    _ members: [LocalityGroup.Member]
  ) -> (near: [LocalityGroup.Member], far: [LocalityGroup.Member]) {
    var near: [LocalityGroup.Member] = []
    var weights: [NetworkGateway: Int] = [:]
    for member in members {
      var member = member
      member.weight = LocalityGroup.weight(member.weight, times: gateways.weightScale)
      let doors = doors(to: member)
      let network = member.workload?.network ?? ""
      let isNear = own.isEmpty || network.isEmpty || own == network
      let isForced = own.isEmpty && !network.isEmpty && !doors.isEmpty
      if !isForced && (isNear || doors.isEmpty) {
        if member.address != .absent { near.append(member) }
        continue
      }
      let reachable = doors.filter(isReachable)
      guard !reachable.isEmpty, member.takesMutualTLS else { continue }
      for door in reachable { weights[door, default: 0] += member.weight / reachable.count }
    }
    let far = weights.sorted { $0.key < $1.key }.map { door, weight in
      LocalityGroup.Member(
        address: .socket(ip: door.address, port: door.port), weight: max(weight, 1),
        health: .unknown, takesMutualTLS: true, workload: nil, gateway: door)
    }
    return (near, far)
  }

  private func doors(to member: LocalityGroup.Member) -> [NetworkGateway] {
    guard let workload = member.workload else { return [] }
    let all = gateways.gateways(into: workload.network, cluster: workload.clusterID)
    return traits.type == .sidecar ? all.filter { $0.port != 0 } : all
  }

  private func isReachable(_ gateway: NetworkGateway) -> Bool {
    // A name may stand for addresses of either family.
    switch traits.addressFamilies {
    case .dual: true
    case .v4: IPAddress(gateway.address)?.isIPv6 == false
    case .v6: IPAddress(gateway.address)?.isIPv6 == true
    }
  }
}
