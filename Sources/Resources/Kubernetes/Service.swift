/// A Kubernetes Service.
package struct Service: ResourceSpec {
  package static let kind = Kind.service

  package var type: ServiceType
  /// `None` for a headless service, nil where none is given.
  package var clusterIP: String?
  package var clusterIPs: [String]
  package var externalName: String?
  package var externalIPs: [String]
  package var ports: [Port]
  package var selector: [String: String]
  package var publishNotReadyAddresses: Bool
  package var internalTrafficPolicy: InternalTrafficPolicy
  package var trafficDistribution: String?
  package var ipFamilies: [String]
  /// Where the load balancer listens, from `status`.
  package var loadBalancerIngress: [Ingress]

  package init(
    type: ServiceType = .clusterIP, clusterIP: String? = nil, clusterIPs: [String] = [],
    externalName: String? = nil, externalIPs: [String] = [], ports: [Port] = [],
    selector: [String: String] = [:], publishNotReadyAddresses: Bool = false,
    internalTrafficPolicy: InternalTrafficPolicy = .cluster, trafficDistribution: String? = nil,
    ipFamilies: [String] = [], loadBalancerIngress: [Ingress] = []
  ) {
    self.type = type
    self.clusterIP = clusterIP
    self.clusterIPs = clusterIPs
    self.externalName = externalName
    self.externalIPs = externalIPs
    self.ports = ports
    self.selector = selector
    self.publishNotReadyAddresses = publishNotReadyAddresses
    self.internalTrafficPolicy = internalTrafficPolicy
    self.trafficDistribution = trafficDistribution
    self.ipFamilies = ipFamilies
    self.loadBalancerIngress = loadBalancerIngress
  }

  package struct Port: Hashable, Sendable {
    package var name: String?
    package var port: Int
    package var targetPort: PortReference?
    package var transport: TransportProtocol
    package var appProtocol: String?
    package var nodePort: Int?
    package var position: SourcePosition

    package init(
      name: String? = nil, port: Int, targetPort: PortReference? = nil,
      transport: TransportProtocol = .tcp, appProtocol: String? = nil, nodePort: Int? = nil,
      position: SourcePosition = .unknown
    ) {
      self.name = name
      self.port = port
      self.targetPort = targetPort
      self.transport = transport
      self.appProtocol = appProtocol
      self.nodePort = nodePort
      self.position = position
    }
  }

  package struct Ingress: Hashable, Sendable {
    package var ip: String?
    package var hostname: String?

    package init(ip: String? = nil, hostname: String? = nil) {
      self.ip = ip
      self.hostname = hostname
    }
  }

  package enum ServiceType: String, CaseIterable, Sendable {
    case clusterIP = "ClusterIP"
    case nodePort = "NodePort"
    case loadBalancer = "LoadBalancer"
    case externalName = "ExternalName"
  }

  package enum InternalTrafficPolicy: String, CaseIterable, Sendable {
    case cluster = "Cluster"
    case local = "Local"
  }

  package var isHeadless: Bool { clusterIP == "None" }
}

/// A container's port, by number or by the name that the container gives it.
package enum PortReference: Hashable, Sendable {
  case number(Int)
  case name(String)
}

/// What carries a port's bytes.
package enum TransportProtocol: String, CaseIterable, Sendable {
  case tcp = "TCP"
  case udp = "UDP"
  case sctp = "SCTP"
}
