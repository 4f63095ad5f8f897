/// networking.istio.io ServiceEntry: services that no Kubernetes Service describes.
package struct ServiceEntry: ResourceSpec {
  package static let kind = Kind.serviceEntry

  package var hosts: [String]
  package var addresses: [String]
  package var ports: [Port]
  package var location: Location
  package var resolution: Resolution
  package var endpoints: [WorkloadEntry]
  /// Labels of the pods and WorkloadEntries behind it; nil where endpoints are given or none are.
  package var workloadSelector: [String: String]?
  package var exportTo: [ExportTarget]
  package var subjectAltNames: [String]
  /// The addresses that a controller gave to hosts without any, from `status`.
  package var allocatedAddresses: [AllocatedAddress]

  package init(
    hosts: [String] = [], addresses: [String] = [], ports: [Port] = [],
    location: Location = .meshExternal, resolution: Resolution = .none,
    endpoints: [WorkloadEntry] = [], workloadSelector: [String: String]? = nil,
    exportTo: [ExportTarget] = [], subjectAltNames: [String] = [],
    allocatedAddresses: [AllocatedAddress] = []
  ) {
    self.hosts = hosts
    self.addresses = addresses
    self.ports = ports
    self.location = location
    self.resolution = resolution
    self.endpoints = endpoints
    self.workloadSelector = workloadSelector
    self.exportTo = exportTo
    self.subjectAltNames = subjectAltNames
    self.allocatedAddresses = allocatedAddresses
  }

  package struct Port: Hashable, Sendable {
    package var number: Int
    package var name: String
    package var portProtocol: PortProtocol
    package var targetPort: Int?
    package var position: SourcePosition

    package init(
      number: Int, name: String, portProtocol: PortProtocol = .unsupported, targetPort: Int? = nil,
      position: SourcePosition = .unknown
    ) {
      self.number = number
      self.name = name
      self.portProtocol = portProtocol
      self.targetPort = targetPort
      self.position = position
    }
  }

  package enum Location: String, CaseIterable, Sendable {
    case meshExternal = "MESH_EXTERNAL"
    case meshInternal = "MESH_INTERNAL"
  }

  package enum Resolution: String, CaseIterable, Sendable {
    case none = "NONE"
    case `static` = "STATIC"
    case dns = "DNS"
    case dnsRoundRobin = "DNS_ROUND_ROBIN"
    case dynamicDNS = "DYNAMIC_DNS"
  }

  package struct AllocatedAddress: Hashable, Sendable {
    package var value: String
    package var host: String?

    package init(value: String, host: String? = nil) {
      self.value = value
      self.host = host
    }
  }
}

/// networking.istio.io WorkloadEntry: one machine outside Kubernetes; also an endpoint of a ServiceEntry.
package struct WorkloadEntry: ResourceSpec {
  package static let kind = Kind.workloadEntry

  /// An IP address, a host name or `unix://…`; nil for one reached by its network's gateway alone.
  package var address: String?
  /// The machine's port for a service port's name.
  package var ports: [String: Int]
  package var labels: [String: String]
  package var network: String?
  /// `region/zone/subzone`.
  package var locality: String?
  /// 0 counts as 1.
  package var weight: Int
  package var serviceAccount: String?
  /// The state of the condition `Healthy` in `status`; nil without one.
  package var isHealthy: Bool?
  package var position: SourcePosition

  package init(
    address: String? = nil, ports: [String: Int] = [:], labels: [String: String] = [:],
    network: String? = nil, locality: String? = nil, weight: Int = 0,
    serviceAccount: String? = nil, isHealthy: Bool? = nil, position: SourcePosition = .unknown
  ) {
    self.address = address
    self.ports = ports
    self.labels = labels
    self.network = network
    self.locality = locality
    self.weight = weight
    self.serviceAccount = serviceAccount
    self.isHealthy = isHealthy
    self.position = position
  }
}
