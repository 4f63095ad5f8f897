/// A discovery.k8s.io EndpointSlice: some of the addresses behind a Service.
package struct EndpointSlice: ResourceSpec {
  package static let kind = Kind.endpointSlice

  package var addressType: AddressType
  package var endpoints: [Endpoint]
  package var ports: [Port]

  package init(addressType: AddressType = .ipv4, endpoints: [Endpoint] = [], ports: [Port] = []) {
    self.addressType = addressType
    self.endpoints = endpoints
    self.ports = ports
  }

  package struct Endpoint: Hashable, Sendable {
    package var addresses: [String]
    package var isReady: Bool?
    package var isServing: Bool?
    package var isTerminating: Bool?
    package var hostname: String?
    package var nodeName: String?
    package var zone: String?
    package var target: Target?
    package var position: SourcePosition

    package init(
      addresses: [String] = [], isReady: Bool? = nil, isServing: Bool? = nil,
      isTerminating: Bool? = nil, hostname: String? = nil, nodeName: String? = nil,
      zone: String? = nil, target: Target? = nil, position: SourcePosition = .unknown
    ) {
      self.addresses = addresses
      self.isReady = isReady
      self.isServing = isServing
      self.isTerminating = isTerminating
      self.hostname = hostname
      self.nodeName = nodeName
      self.zone = zone
      self.target = target
      self.position = position
    }
  }

  /// The object an endpoint stands for: mostly a Pod.
  package struct Target: Hashable, Sendable {
    package var kind: String
    package var namespace: String?
    package var name: String

    package init(kind: String, namespace: String? = nil, name: String) {
      self.kind = kind
      self.namespace = namespace
      self.name = name
    }
  }

  package struct Port: Hashable, Sendable {
    package var name: String?
    /// Nil for all ports.
    package var port: Int?
    package var transport: TransportProtocol
    package var appProtocol: String?

    package init(
      name: String? = nil, port: Int? = nil, transport: TransportProtocol = .tcp,
      appProtocol: String? = nil
    ) {
      self.name = name
      self.port = port
      self.transport = transport
      self.appProtocol = appProtocol
    }
  }

  package enum AddressType: String, CaseIterable, Sendable {
    case ipv4 = "IPv4"
    case ipv6 = "IPv6"
    case fqdn = "FQDN"
  }
}
