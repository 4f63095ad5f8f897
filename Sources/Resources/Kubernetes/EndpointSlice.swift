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

  /// Conditions are what changes most: they are compared first, which copies nothing.
  package static func == (a: Self, b: Self) -> Bool {
    guard a.addressType == b.addressType, a.endpoints.count == b.endpoints.count else {
      return false
    }
    for index in a.endpoints.indices {
      guard a.endpoints[index].isReady == b.endpoints[index].isReady,
        a.endpoints[index].isServing == b.endpoints[index].isServing,
        a.endpoints[index].isTerminating == b.endpoints[index].isTerminating
      else { return false }
    }
    return a.ports == b.ports && a.endpoints == b.endpoints
  }

  package struct Endpoint: Hashable, Sendable {
    /// Mostly there is one, which takes no memory of its own.
    package let address: String?
    /// Mostly it is of the slice's namespace.
    private let podName: String?
    @Boxed private var rest: Rest?
    package var isReady: Bool?
    package var isServing: Bool?
    package var isTerminating: Bool?

    /// What most endpoints have nothing of; there are more of them than of anything else.
    private struct Rest: Hashable, Sendable {
      var otherAddresses: [String] = []
      var podNamespace: String?
      var hasOtherTarget = false
    }

    package init(
      addresses: [String] = [], isReady: Bool? = nil, isServing: Bool? = nil,
      isTerminating: Bool? = nil, target: Target? = nil
    ) {
      address = addresses.first
      var rest = Rest()
      if addresses.count > 1 { rest.otherAddresses = Array(addresses.dropFirst()) }
      switch target {
      case nil: podName = nil
      case .other:
        podName = nil
        rest.hasOtherTarget = true
      case .pod(let namespace, let name):
        podName = name
        rest.podNamespace = namespace
      }
      if rest != Rest() { self.rest = rest }
      self.isReady = isReady
      self.isServing = isServing
      self.isTerminating = isTerminating
    }

    package var otherAddresses: [String] { rest?.otherAddresses ?? [] }
    package var hasOneAddress: Bool { address != nil && rest?.otherAddresses.isEmpty ?? true }

    package var target: Target? {
      if let podName { return .pod(namespace: rest?.podNamespace, name: podName) }
      return rest?.hasOtherTarget == true ? .other : nil
    }

    /// Whether both have the same addresses and target.
    package func standsForSame(as other: Endpoint) -> Bool {
      address == other.address && podName == other.podName && rest == other.rest
    }

    package func has(_ address: String) -> Bool {
      self.address == address || otherAddresses.contains(address)
    }
  }

  /// The object an endpoint stands for.
  package enum Target: Hashable, Sendable {
    /// Without a namespace, of the slice's.
    case pod(namespace: String?, name: String)
    /// Of a kind that nothing is known of here.
    case other
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

extension EndpointSlice.Endpoint: CustomReflectable {
  package var customMirror: Mirror {
    Mirror(
      self,
      children: [
        "address": address as Any, "otherAddresses": otherAddresses, "isReady": isReady as Any,
        "isServing": isServing as Any, "isTerminating": isTerminating as Any,
        "target": target as Any,
      ], displayStyle: .struct)
  }
}
