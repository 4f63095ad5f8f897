/// The networks of the mesh, and the gateways by which each is entered from others.
package struct MeshNetworks: Hashable, Sendable {
  /// Sorted by name.
  package var networks: [Named<Network>]

  package init(networks: [Named<Network>] = []) {
    self.networks = networks
  }

  package struct Network: Hashable, Sendable {
    package var endpoints: [Endpoints]
    package var gateways: [Gateway]

    package init(endpoints: [Endpoints] = [], gateways: [Gateway] = []) {
      self.endpoints = endpoints
      self.gateways = gateways
    }

    /// The clusters that belong to it whole, sorted.
    package var registries: [String] {
      let named = endpoints.compactMap { endpoints in
        if case .fromRegistry(let cluster) = endpoints { cluster } else { nil }
      }
      return Set(named).sorted()
    }
  }

  /// What belongs to a network.
  package enum Endpoints: Hashable, Sendable {
    case fromCIDR(String)
    /// Everything in the cluster of that name.
    case fromRegistry(String)
  }

  package struct Gateway: Hashable, Sendable {
    package var address: Address
    package var port: Int
    package var locality: String?

    package init(address: Address, port: Int, locality: String? = nil) {
      self.address = address
      self.port = port
      self.locality = locality
    }

    package enum Address: Hashable, Sendable {
      case registryServiceName(String)
      case address(String)
    }
  }
}
