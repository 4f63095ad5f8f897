internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Endpoints of one place, on their way to a LocalityLbEndpoints.
struct LocalityGroup {
  /// As written: `r1` and `r1//` are two groups of one locality.
  let text: String
  let locality: NodeLocality
  var members: [Member]
  /// Nil for a place that has lost its endpoints.
  var weight: Int?
  var priority = 0

  /// One endpoint as it is sent.
  struct Member {
    var address: ServiceEndpoint.Address
    var weight: Int
    let health: ServiceEndpoint.Health
    let takesMutualTLS: Bool
    let workload: Workload?
    /// Of a gateway that stands for workloads of its network.
    let gateway: NetworkGateway?

    func label(_ name: String) -> String? {
      if let workload { return workload.labels[name] }
      return switch name {
      case "topology.istio.io/network": gateway?.network
      case "topology.istio.io/cluster": gateway?.clusterID
      default: nil
      }
    }
  }

  /// Endpoints by place, sorted by the place's text; `member` is nil for those that are not sent.
  static func groups(
    _ endpoints: ServiceEndpoints, member: (ServiceEndpoint) -> Member?
  ) -> [LocalityGroup] {
    var groups: [LocalityGroup] = []
    var places: [String: Int] = [:]
    endpoints.visit { endpoint in
      guard let member = member(endpoint) else { return }
      let text = endpoint.workload.localityText
      // Those that stand together are mostly in one place, or in turn in few.
      if let last = groups.indices.last, groups[last].text == text {
        groups[last].members.append(member)
      } else if let place = places[text] {
        groups[place].members.append(member)
      } else {
        // One place is known without this.
        if groups.count == 1 { places[groups[0].text] = 0 }
        if !groups.isEmpty { places[text] = groups.count }
        groups.append(
          LocalityGroup(text: text, locality: endpoint.workload.locality, members: [member]))
      }
    }
    if groups.count > 1 { groups.sort { $0.text < $1.text } }
    for place in groups.indices { groups[place].weigh() }
    return groups
  }

  /// With the weight that its members have together.
  var weighted: LocalityGroup {
    var group = self
    group.weigh()
    return group
  }

  private mutating func weigh() {
    weight = members.isEmpty ? nil : min(members.reduce(0) { $0 + $1.weight }, Int(UInt32.max))
  }

  /// A product of weights, which have 32 bits on the wire.
  static func weight(_ weight: Int, times factor: Int) -> Int {
    let (product, overflow) = weight.multipliedReportingOverflow(by: factor)
    return overflow ? Int(UInt32.max) : min(product, Int(UInt32.max))
  }

  // MARK: Messages

  var message: Envoy.LocalityLbEndpoints {
    var metadata = MetadataOfMembers()
    return message { metadata.message(of: $0) }
  }

  /// The same where telemetry is to say `text` of every member.
  func message(saying text: String) -> Envoy.LocalityLbEndpoints {
    message { MetadataOfMembers.message(text, takesMutualTLS: $0.takesMutualTLS) }
  }

  private func message(
    _ metadata: (Member) -> Envoy.Metadata
  ) -> Envoy.LocalityLbEndpoints {
    .init(
      locality: .init(
        region: locality.region, zone: locality.zone, subZone: locality.subzone),
      lbEndpoints: members.map { $0.message(metadata($0)) },
      loadBalancingWeight: weight.map { UInt32(clamping: $0) },
      priority: UInt32(clamping: priority))
  }
}

/// Written once for members of one workload, which mostly stand together.
private struct MetadataOfMembers {
  // Of the last member.
  private var message: Envoy.Metadata?
  private var workload: Workload?
  private var text = ""
  private var takesMutualTLS = false

  mutating func message(of member: LocalityGroup.Member) -> Envoy.Metadata {
    let isAlike = takesMutualTLS == member.takesMutualTLS
    if isAlike, let message, let other = member.workload, workload?.isCopy(of: other) == true {
      return message
    }
    workload = member.workload
    let text = member.description
    if isAlike, let message, self.text == text { return message }
    self.text = text
    takesMutualTLS = member.takesMutualTLS
    let made = MetadataOfMembers.message(text, takesMutualTLS: takesMutualTLS)
    message = made
    return made
  }

  static func message(_ text: String, takesMutualTLS: Bool) -> Envoy.Metadata {
    Envoy.Metadata { metadata in
      if takesMutualTLS {
        metadata.add("envoy.transport_socket_match") { $0.add("tlsMode", "istio") }
      }
      metadata.add("istio") { $0.add("workload", text) }
    }
  }
}

extension LocalityGroup.Member {
  fileprivate func message(_ metadata: Envoy.Metadata) -> Envoy.LbEndpoint {
    .init(
      hostIdentifier: .endpoint(.init(address: address.message)),
      healthStatus: health.message,
      metadata: metadata,
      loadBalancingWeight: UInt32(clamping: weight))
  }

  /// What telemetry says of the workload.
  var description: String {
    workload?.telemetryText ?? ";;;;\(gateway?.clusterID ?? "")"
  }
}

extension ServiceEndpoint.Address {
  fileprivate var message: Envoy.Address {
    switch self {
    case .socket(let address, let port), .hostname(let address, let port):
      .init(
        address: .socketAddress(
          .init(address: address, portSpecifier: .portValue(UInt32(clamping: port)))))
    case .pipe(let path): .init(address: .pipe(.init(path: path)))
    case .absent: .init(address: .socketAddress(.init()))
    }
  }
}

extension ServiceEndpoint.Health {
  fileprivate var message: Envoy.HealthStatus {
    switch self {
    case .unknown: .unknown
    case .healthy: .healthy
    case .unhealthy, .terminating: .unhealthy
    case .draining: .draining
    }
  }
}
