internal import Incremental
internal import Resources
internal import Store

/// Networks that cannot reach each other's addresses, and the gateways between them.
///
/// Not here, on purpose: the addresses of gateways that are known by a host name; looking names up is
/// no part of a pure compile.
package final class NetworkQueries {
  /// How the networks of a cluster's addresses are known.
  let rules: Derived<KubernetesCluster, Rules>
  private let atAddresses: Single<NetworkGateways>
  private let named: Single<NetworkGateways>

  /// How an address's network is known.
  struct Rules: Hashable {
    /// The label of the namespace that the control plane runs in, or would.
    var ofSystem: String
    var ofCluster: String
    var ranges: [Named<CIDR>]
  }

  init(
    _ store: ObjectStore, options: MeshModel.Options,
    kubernetesService: @escaping (String) -> NamespacedName?
  ) {
    let graph = store.graph
    let system = Derived<KubernetesCluster, String>(graph, "systemNetwork") { cluster in
      guard let name = options.systemNamespace else { return "" }
      let namespace = store.namespaces[LocatedNamespace(name, in: cluster).object]
      return namespace?.metadata.labels["topology.istio.io/network"] ?? ""
    }
    rules = Derived(graph, "networkRules") { cluster in
      Self.rules(
        store.meshNetworks, ofSystem: system(cluster),
        clusterID: cluster.id(own: options.clusterID))
    }
    let labeled = Index<Bool, LocatedName>(graph)
    labeled.follow(store.services) { id, service in
      service.networkGateway() == nil ? [] : [(true, id)]
    }
    let nodes = Index<KubernetesCluster, LocatedName>(graph)
    nodes.follow(store.nodes) { id, _ in [(id.cluster, id)] }
    let gateways = { (id: LocatedName, service: Object<Service>, network: String, port: Int) in
      Self.addresses(of: service) { nodes[id.cluster].compactMap { store.nodes[$0] } }.map {
        NetworkGateway(
          network: network, clusterID: id.cluster.id(own: options.clusterID), address: $0,
          port: service.externalPort(port))
      }
    }
    let all = Single<[NetworkGateway]>(graph, "statedNetworkGateways") {
      let ofServices = labeled[true].flatMap { id -> [NetworkGateway] in
        guard let service = store.services[id], let gateway = service.networkGateway() else {
          return []
        }
        return gateways(id, service, gateway.network, gateway.port)
      }
      let ofMesh = store.meshNetworks.networks.flatMap { network in
        network.value.gateways.flatMap { gateway -> [NetworkGateway] in
          switch gateway.address {
          case .address(let address):
            return [
              NetworkGateway(
                network: network.name, clusterID: "", address: address, port: gateway.port)
            ]
          case .registryServiceName(let host):
            guard let name = kubernetesService(host) else { return [] }
            return network.value.registries.flatMap { registry -> [NetworkGateway] in
              let id = LocatedName(
                name, in: KubernetesCluster(id: registry, own: options.clusterID))
              return store.services[id].map { gateways(id, $0, network.name, gateway.port) } ?? []
            }
          }
        }
      }
      return ofServices + ofMesh
    }
    atAddresses = Single(graph, "networkGateways") {
      NetworkGateways(all().filter { IPAddress($0.address) != nil })
    }
    named = Single(graph, "namedNetworkGateways") { NetworkGateways(all()) }
  }

  /// Where a gateway's Service is entered from other networks.
  private static func addresses(
    of service: Object<Service>, nodes: () -> [Object<KubernetesNode>]
  ) -> [String] {
    guard service.isEnteredAtNodes else { return service.externalAddresses }
    return nodes().filter { service.selectsNode(labels: $0.metadata.labels) }
      .flatMap { node in
        node.spec.addresses.filter { $0.type == "ExternalIP" }.map(\.address)
      } + service.externalAddresses
  }

  private static func rules(
    _ networks: MeshNetworks, ofSystem: String, clusterID: String
  ) -> Rules {
    var rules = Rules(ofSystem: ofSystem, ofCluster: "", ranges: [])
    for network in networks.networks {
      for endpoints in network.value.endpoints {
        switch endpoints {
        case .fromRegistry(let cluster):
          if cluster == clusterID, rules.ofCluster.isEmpty { rules.ofCluster = network.name }
        case .fromCIDR(let text):
          if let range = CIDR(text) {
            rules.ranges.append(Named(name: network.name, value: range))
          }
        }
      }
    }
    return rules
  }

  /// The gateways that endpoints of other networks are reached by.
  package var gateways: NetworkGateways { atAddresses() }

  /// Those known by a host name too, for clusters whose endpoints are looked up by the proxy.
  package var namedGateways: NetworkGateways { named() }

  /// The network of a workload: its own label, else that of its cluster, else that of its address.
  func network(
    of address: String?, labels: [String: String], in cluster: KubernetesCluster
  ) -> String {
    rules(cluster).network(of: address, labels: labels)
  }
}

extension NetworkQueries.Rules {
  func network(of address: String?, labels: [String: String]) -> String {
    if let own = labels["topology.istio.io/network"], !own.isEmpty { return own }
    if !ofSystem.isEmpty { return ofSystem }
    if !ofCluster.isEmpty { return ofCluster }
    guard !ranges.isEmpty, let ip = address.flatMap({ IPAddress($0) }) else { return "" }
    return ranges.first { $0.value.contains(ip) }?.name ?? ""
  }
}
