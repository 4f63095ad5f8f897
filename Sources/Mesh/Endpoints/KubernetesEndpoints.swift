internal import Incremental
internal import Resources
internal import Store

/// Endpoints of Kubernetes Services from their slices (istiod's `endpointslice.go`).
struct KubernetesEndpoints {
  let indexes: EndpointIndexes
  /// A pod as an endpoint, if there is such a pod.
  let workload: (NamespacedName) -> Workload?
  private let slices: Derived<SliceKey, [ServiceEndpoint]>
  private let store: ObjectStore

  /// Which of a slice's endpoints count as draining depends on the service.
  private struct SliceKey: Hashable {
    let id: NamespacedName
    let keepsDraining: Bool
  }

  init(_ store: ObjectStore, names: Derived<Bool, MeshNames>, networks: NetworkQueries) {
    let graph = store.graph
    self.store = store
    let indexes = EndpointIndexes(store)
    self.indexes = indexes
    let nodeLocality = Derived<String, String>(graph, "nodeLocality") { name in
      let node = store.nodes[NamespacedName(namespace: "", name: name)]
      return node.map { Topology.localityText(ofNode: $0.metadata.labels) } ?? ""
    }
    let workload = { (id: NamespacedName) -> Workload? in
      store.pods[id].map { pod in
        let labels = pod.metadata.labels
        return Workload(
          pod,
          localityText: Topology.localityText(ofWorkload: labels)
            ?? pod.spec.nodeName.map { nodeLocality($0) } ?? "",
          network: networks.network(of: pod.spec.podIPs.first, labels: labels), mesh: names(true))
      }
    }
    self.workload = workload
    slices = Derived(graph, "sliceEndpoints") { key in
      guard let slice = store.endpointSlices[key.id], slice.spec.addressType != .fqdn else {
        return []
      }
      return slice.spec.endpoints.flatMap { endpoint in
        endpoint.addresses.flatMap { address -> [ServiceEndpoint] in
          let pod = Self.pod(of: endpoint, at: address, in: key.id.namespace, indexes: indexes)
          let isPod = endpoint.target?.kind == "Pod"
          guard
            let workload = pod.flatMap(workload)
              ?? (isPod
                ? nil
                : Workload(
                  unknownIn: networks.network(of: address, labels: [:]), mesh: names(true)))
          else { return [] }
          return slice.spec.ports.map { port in
            ServiceEndpoint(
              address: .socket(ip: address, port: port.port ?? 0), portName: port.name ?? "",
              weight: 1, health: endpoint.health(keepsDraining: key.keepsDraining),
              workload: workload)
          }
        }
      }
    }
  }

  /// An endpoint's pod: the one it names, else one of the namespace with its address.
  private static func pod(
    of endpoint: EndpointSlice.Endpoint, at address: String, in namespace: String,
    indexes: EndpointIndexes
  ) -> NamespacedName? {
    guard let target = endpoint.target, target.kind == "Pod" else {
      return indexes.pod(at: address, in: namespace)
    }
    return NamespacedName(namespace: target.namespace ?? namespace, name: target.name)
  }

  /// Each address and port name once: an endpoint on its way from one slice to another is in both.
  func endpoints(of service: MeshService) -> [ServiceEndpoint] {
    let id = NamespacedName(namespace: service.namespace, name: service.name)
    let parts = indexes.slices[id].map {
      slices(SliceKey(id: $0, keepsDraining: service.keepsDrainingEndpoints))
    }
    guard parts.count > 1 else { return parts.first ?? [] }
    struct Place: Hashable {
      let address: ServiceEndpoint.Address
      let portName: String
    }
    var seen: Set<Place> = []
    return parts.joined().filter { endpoint in
      guard case .socket(let ip, _) = endpoint.address else { return true }
      return seen.insert(
        Place(address: .socket(ip: ip, port: 0), portName: endpoint.portName)
      ).inserted
    }
  }
}

extension EndpointSlice.Endpoint {
  /// `serving` and `terminating` count as true where they are not given.
  fileprivate func health(keepsDraining: Bool) -> ServiceEndpoint.Health {
    if isReady ?? true { return .healthy }
    guard isTerminating ?? true else { return .unhealthy }
    return keepsDraining && isServing ?? true ? .draining : .terminating
  }
}
