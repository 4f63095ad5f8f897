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
    package var address: String?
    package var otherAddresses: [String]
    package var isReady: Bool?
    package var isServing: Bool?
    package var isTerminating: Bool?
    private var namedTarget: NamedTarget

    /// There are as many as endpoints: in two words what a target takes four for.
    private enum NamedTarget: Hashable, Sendable {
      case none
      case other
      /// Of the slice's namespace.
      case pod(String)
      case podOf(TextPair)
    }

    package init(
      addresses: [String] = [], isReady: Bool? = nil, isServing: Bool? = nil,
      isTerminating: Bool? = nil, target: Target? = nil
    ) {
      address = addresses.first
      otherAddresses = Array(addresses.dropFirst())
      self.isReady = isReady
      self.isServing = isServing
      self.isTerminating = isTerminating
      namedTarget =
        switch target {
        case nil: .none
        case .other: .other
        case .pod(nil, let name): .pod(name)
        case .pod(let namespace?, let name): .podOf(TextPair(namespace, name))
        }
    }

    package var target: Target? {
      switch namedTarget {
      case .none: nil
      case .other: .other
      case .pod(let name): .pod(namespace: nil, name: name)
      case .podOf(let texts): .pod(namespace: texts.first, name: texts.second)
      }
    }

    /// Whether both name the same, as far as they tell.
    package func hasTarget(of other: Endpoint) -> Bool { namedTarget == other.namedTarget }

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
