internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources

/// The endpoints of a cluster with a single one, as there are most. They differ in names and addresses.
struct PlainAssignment {
  /// All that is none.
  struct Kind: Digested {
    let isSNIDNAT: Bool
    /// Of the service.
    let port: Int
    let locality: NodeLocality
    let groupWeight: Int?
    let priority: Int
    /// Where the workload listens.
    let endpointPort: Int
    let weight: Int
    let health: ServiceEndpoint.Health
    let takesMutualTLS: Bool

    var digest: UInt64 {
      UInt64(truncatingIfNeeded: port).mixed(with: UInt64(truncatingIfNeeded: endpointPort))
        .mixed(with: takesMutualTLS.digest << 2 | isSNIDNAT.digest)
    }
    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  }

  /// Which names there are.
  private enum Text {
    static let host = 0
    static let subset = 1
    static let address = 2
    static let workload = 3
  }

  private let group: LocalityGroup
  let kind: Kind
  let texts: [String]

  /// Nil where there are more endpoints or none, or it is not at an IP address.
  init?(_ name: ClusterName, _ groups: [LocalityGroup]) {
    guard groups.count == 1, groups[0].members.count == 1,
      case .socket(let address, let endpointPort) = groups[0].members[0].address
    else { return nil }
    let (port, subset, host, isSNIDNAT): (Int, String, String, Bool)
    switch name {
    case .outbound(let ofPort, let ofSubset, let ofHost):
      (port, subset, host, isSNIDNAT) = (ofPort, ofSubset, ofHost, false)
    case .sniDNAT(let ofPort, let ofSubset, let ofHost):
      (port, subset, host, isSNIDNAT) = (ofPort, ofSubset, ofHost, true)
    case .inbound, .extensionHost, .fixed: return nil
    }
    let member = groups[0].members[0]
    group = groups[0]
    kind = Kind(
      isSNIDNAT: isSNIDNAT, port: port, locality: groups[0].locality,
      groupWeight: groups[0].weight, priority: groups[0].priority, endpointPort: endpointPort,
      weight: member.weight, health: member.health, takesMutualTLS: member.takesMutualTLS)
    texts = [host, subset, address, member.description]
    guard texts.allSatisfy(Envoy.takesAsItIs) else { return nil }
  }

  /// The endpoints with other names.
  func encoded(with texts: [String]) -> [UInt8] {
    let (host, subset) = (texts[Text.host], texts[Text.subset])
    let name: ClusterName =
      kind.isSNIDNAT
      ? .sniDNAT(port: kind.port, subset: subset, host: host)
      : .outbound(port: kind.port, subset: subset, host: host)
    var other = group
    other.members[0].address = .socket(ip: texts[Text.address], port: kind.endpointPort)
    return Envoy.encode {
      Envoy.ClusterLoadAssignment(
        clusterName: name.text, endpoints: [other.message(saying: texts[Text.workload])])
    }
  }
}
