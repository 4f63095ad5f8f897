internal import Incremental
internal import Resources
internal import Store

/// Endpoints of Kubernetes Services from their slices (istiod's `endpointslice.go`).
struct KubernetesEndpoints {
  let indexes: EndpointIndexes
  /// A pod as an endpoint, if there is such a pod.
  let workload: (LocatedName) -> Workload?
  private let slices: Derived<SliceKey, ServiceEndpoints>
  private let addressed: Derived<LocatedName, AddressedSlice>
  /// Of each address of a slice in turn.
  private let workloads: Derived<LocatedName, [Workload?]>
  private let store: ObjectStore
  private let clusterID: String

  /// Which of a slice's endpoints count as draining depends on the service.
  private struct SliceKey: Digested {
    let id: LocatedName
    let keepsDraining: Bool
  }

  /// A slice as far as it says what its addresses are of: equal to one that says the same, whatever the
  /// conditions are.
  private struct AddressedSlice: Equatable {
    let slice: Object<EndpointSlice>?

    var endpoints: [EndpointSlice.Endpoint] { slice?.spec.endpoints ?? [] }

    /// Whether there is anything on its addresses.
    var isServing: Bool {
      slice.map { $0.spec.addressType != .fqdn && !$0.spec.ports.isEmpty } ?? false
    }

    static func == (a: Self, b: Self) -> Bool {
      let (one, other) = (a.endpoints, b.endpoints)
      guard one.count == other.count, a.isServing == b.isServing else { return false }
      return one.indices.allSatisfy { one[$0].standsForSame(as: other[$0]) }
    }
  }

  /// A machine of a cluster; without a name any that is not known.
  private struct Machine: Digested {
    let cluster: KubernetesCluster
    let name: String?
  }

  /// What pods of one machine have from outside themselves: one value, for there are many pods.
  private struct Surroundings: Hashable {
    /// Of those that say nothing else.
    let site: WorkloadSite
    let networks: NetworkQueries.Rules
    let trustDomain: String

    func site(of pod: Object<Pod>, sharing recurring: RecurringTraits) -> WorkloadSite {
      let labels = pod.metadata.labels
      let locality = Topology.localityText(ofWorkload: labels)
      let network = networks.network(of: pod.spec.address, labels: labels)
      guard locality != nil || network != site.network else { return site }
      return recurring.site(
        WorkloadSite(
          clusterID: site.clusterID, localityText: locality ?? site.localityText,
          network: network, nodeName: site.nodeName))
    }
  }

  init(
    _ store: ObjectStore, clusterID: String, names: Derived<KubernetesCluster, MeshNames>,
    networks: NetworkQueries, sharing recurring: RecurringTraits
  ) {
    let graph = store.graph
    self.store = store
    self.clusterID = clusterID
    let indexes = EndpointIndexes(store)
    self.indexes = indexes
    let nodeLocality = Derived<LocatedName, String>(graph, "nodeLocality") { name in
      store.nodes[name].map { Topology.localityText(ofNode: $0.metadata.labels) } ?? ""
    }
    let surroundings = Derived<Machine, Surroundings>(graph, "podSurroundings") { machine in
      let (rules, mesh) = (networks.rules(machine.cluster), names(machine.cluster))
      let localityText = machine.name.map {
        nodeLocality(LocatedName(NamespacedName(namespace: "", name: $0), in: machine.cluster))
      }
      return Surroundings(
        site: WorkloadSite(
          clusterID: mesh.clusterID, localityText: localityText ?? "",
          network: rules.network(of: nil, labels: [:]), nodeName: machine.name),
        networks: rules, trustDomain: mesh.trustDomain)
    }
    // No value of its own: there are many pods, and one is made again in little time.
    let workload = { (id: LocatedName) in
      store.pods[id].map { pod in
        let around = surroundings(Machine(cluster: id.cluster, name: pod.spec.nodeName))
        return Workload(
          pod, at: around.site(of: pod, sharing: recurring), trustDomain: around.trustDomain,
          sharing: recurring)
      }
    }
    self.workload = workload
    let addressed = Derived<LocatedName, AddressedSlice>(graph, "sliceAddresses") { id in
      AddressedSlice(slice: store.endpointSlices[id])
    }
    // Of each address in turn: of most changes nothing is made anew.
    let workloads = Derived<LocatedName, [Workload?]>(graph, "sliceWorkloads") { id in
      func found(_ endpoint: EndpointSlice.Endpoint, at address: String) -> Workload? {
        let pod = Self.pod(of: endpoint, at: address, slice: id, indexes: indexes)
        if let known = pod.flatMap(workload) { return known }
        guard endpoint.target?.isPod != true else { return nil }
        return Workload(
          unknownIn: networks.network(of: address, labels: [:], in: id.cluster),
          mesh: names(id.cluster), sharing: recurring)
      }
      let endpoints = addressed(id).endpoints
      // There are many of these lists, and they grow no further.
      var all: [Workload?] = []
      all.reserveCapacity(endpoints.count)
      for endpoint in endpoints {
        for address in endpoint.addresses { all.append(found(endpoint, at: address)) }
      }
      return all
    }
    (self.addressed, self.workloads) = (addressed, workloads)
    slices = Derived(graph, "sliceEndpoints") { key in
      guard let slice = store.endpointSlices[key.id], slice.spec.addressType != .fqdn else {
        return ServiceEndpoints([])
      }
      return ServiceEndpoints(of: slice, workloads(key.id), keepsDraining: key.keepsDraining)
    }
  }

  /// An endpoint's pod: the one it names, else one of the namespace with its address.
  private static func pod(
    of endpoint: EndpointSlice.Endpoint, at address: String, slice: LocatedName,
    indexes: EndpointIndexes
  ) -> LocatedName? {
    guard case .pod(let namespace, let name)? = endpoint.target else {
      return indexes.pod(at: address, in: LocatedNamespace(slice.namespace, in: slice.cluster))
    }
    return LocatedName(
      NamespacedName(namespace: namespace ?? slice.namespace, name: name),
      in: slice.cluster)
  }

  /// What is behind a service of one slice at most, whatever its health; nil for others, whose
  /// endpoints may be in several.
  func workloads(of service: MeshService) -> [Workload?]? {
    let slices = indexes.slices[service.objectID]
    guard slices.count <= 1 else { return nil }
    return slices.first.map { addressed($0).isServing ? workloads($0) : [] } ?? []
  }

  /// Those of all clusters, in the order of the clusters' names (istiod's `EndpointShards.Keys`).
  func endpoints(of service: MeshService) -> ServiceEndpoints {
    let slices = indexes.slices[service.objectID]
    guard let last = slices.last, last.cluster != .own else {
      return endpoints(in: slices, keepsDraining: service.keepsDrainingEndpoints)
    }
    let clusters = Dictionary(grouping: slices, by: \.cluster)
      .sorted { $0.key.id(own: clusterID) < $1.key.id(own: clusterID) }
    return ServiceEndpoints(
      clusters.flatMap { endpoints(in: $0.value, of: service, in: $0.key) })
  }

  /// Those of one cluster.
  func endpoints(of service: MeshService, in cluster: KubernetesCluster) -> ServiceEndpoints {
    let slices = indexes.slices[service.objectID].filter { $0.cluster == cluster }
    return endpoints(in: slices, of: service, in: cluster)
  }

  /// Which endpoints count as draining each cluster's own Service says.
  private func endpoints(
    in slices: [LocatedName], of service: MeshService, in cluster: KubernetesCluster
  ) -> ServiceEndpoints {
    let object = store.services[LocatedName(service.objectID, in: cluster)]
    return endpoints(
      in: slices,
      keepsDraining: object?.metadata.labels.keepDrainingEndpoints
        ?? service.keepsDrainingEndpoints)
  }

  /// Each address and port name once: an endpoint on its way from one slice to another is in both.
  private func endpoints(in ids: [LocatedName], keepsDraining: Bool) -> ServiceEndpoints {
    let parts = ids.map { slices(SliceKey(id: $0, keepsDraining: keepsDraining)) }
    guard parts.count > 1 else { return parts.first ?? ServiceEndpoints([]) }
    struct Place: Hashable {
      let address: ServiceEndpoint.Address
      let portName: String
    }
    var seen: Set<Place> = []
    return ServiceEndpoints(
      parts.joined().filter { endpoint in
        guard case .socket(let ip, _) = endpoint.address else { return true }
        return seen.insert(
          Place(address: .socket(ip: ip, port: 0), portName: endpoint.portName)
        ).inserted
      })
  }
}

extension EndpointSlice.Target {
  fileprivate var isPod: Bool {
    if case .pod = self { true } else { false }
  }
}
