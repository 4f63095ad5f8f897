package import Incremental
internal import Resources
internal import Store

/// The endpoints behind services: of Kubernetes from slices and pods, of ServiceEntries as written or
/// selected, and WorkloadEntries that Services select.
///
/// A slice's endpoints are one value, a service's are another: a pod that changes touches its slices
/// and the services they are of.
package final class EndpointQueries {
  /// All of a service's, in the order of istiod's shards: ServiceEntries first, then Kubernetes.
  package let endpoints: Derived<ServiceKey, ServiceEndpoints>
  /// The SPIFFE identities that a service's endpoints and definitions state, under every trust domain
  /// that counts as the mesh's own; sorted.
  package let identities: Derived<ServiceKey, [String]>
  /// The port has endpoints, and all of them take mutual TLS.
  package let takesMutualTLS: Derived<ServicePortKey, Bool>

  private let clusterLocal: Single<ClusterLocalHosts>
  private let clusterID: String
  private let services: ServiceQueries
  private let kubernetes: KubernetesEndpoints

  package struct ServicePortKey: Digested, Sendable {
    package let service: ServiceKey
    package let portName: String

    package init(_ service: ServiceKey, portName: String) {
      self.service = service
      self.portName = portName
    }
  }

  init(
    _ store: ObjectStore, options: MeshModel.Options, services: ServiceQueries,
    networks: NetworkQueries
  ) {
    let graph = store.graph
    clusterID = options.clusterID
    clusterLocal = Single(graph, "clusterLocalHosts") {
      ClusterLocalHosts(store.meshConfig, clusterDomain: options.clusterDomain)
    }
    let names = Derived<KubernetesCluster, MeshNames>(graph, "meshNames") { cluster in
      MeshNames(
        clusterID: cluster.id(own: options.clusterID), trustDomain: store.meshConfig.trustDomain)
    }
    let recurring = RecurringTraits()
    let kubernetes = KubernetesEndpoints(
      store, clusterID: options.clusterID, names: names, networks: networks, sharing: recurring)
    self.services = services
    self.kubernetes = kubernetes
    let entries = EntryEndpoints(
      store, names: names, indexes: kubernetes.indexes, pods: kubernetes.workload,
      sharing: recurring)
    let endpoints = Derived<ServiceKey, ServiceEndpoints>(graph, "endpoints") { key in
      let definitions = services.definitions(key)
      // Nearly all services are defined once, and most of those by a Service that has slices alone.
      if definitions.count == 1, let only = definitions.first {
        guard only.source.isKubernetes else {
          return ServiceEndpoints(entries.endpoints(of: definitions))
        }
        if entries.endpoints(selectedBy: only).isEmpty { return kubernetes.endpoints(of: only) }
      }
      let ofEntries = definitions.filter { !$0.source.isKubernetes }
      let parts =
        [ServiceEndpoints(ofEntries.isEmpty ? [] : entries.endpoints(of: ofEntries))]
        + definitions.filter(\.source.isKubernetes).flatMap { service in
          [
            kubernetes.endpoints(of: service),
            ServiceEndpoints(entries.endpoints(selectedBy: service)),
          ]
        }
      // Thousands of endpoints that stand in one place already are not copied.
      let present = parts.filter { !$0.isEmpty }
      return present.count == 1 ? present[0] : ServiceEndpoints(Array(present.joined()))
    }
    self.endpoints = endpoints
    let aliases = Single<[String]>(graph, "trustDomainAliases") {
      store.meshConfig.trustDomainAliases
    }
    identities = Derived(graph, "identities") { key in
      let definitions = services.definitions(key)
      var own = Set(definitions.flatMap(\.subjectAltNames))
      let workloads =
        Self.workloads(of: definitions, kubernetes, entries) ?? endpoints(key).map(\.workload)
      // Those that stand together are mostly of one account.
      var last: String?
      for identity in workloads.lazy.compactMap(\.identity) where identity != last {
        own.insert(identity)
        last = identity
      }
      guard own.count > 1 || !aliases().isEmpty else { return Array(own) }
      return own.union(
        own.flatMap { identity in
          aliases().compactMap { Self.renamed(identity, trustDomain: $0) }
        }
      ).sorted()
    }
    takesMutualTLS = Derived(graph, "takesMutualTLS") { key in
      let ofPort = endpoints(key.service).filter { $0.portName == key.portName }
      return !ofPort.isEmpty && ofPort.allSatisfy(\.workload.takesMutualTLS)
    }
  }

  /// What is behind a service, whatever its health, of which most changes of endpoints are; nil where only
  /// the endpoints tell.
  private static func workloads(
    of definitions: [MeshService], _ kubernetes: KubernetesEndpoints, _ entries: EntryEndpoints
  ) -> [Workload]? {
    guard let only = definitions.first, definitions.count == 1, only.source.isKubernetes,
      let workloads = kubernetes.workloads(of: only)
    else { return nil }
    return workloads.compactMap(\.self) + entries.endpoints(selectedBy: only).map(\.workload)
  }

  /// A service's, as proxies of a cluster are told of them: of one whose traffic stays at home those of
  /// their own cluster, where what ServiceEntries name is in the one that has them.
  package func endpoints(
    of service: MeshService, forCluster cluster: String
  ) -> ServiceEndpoints {
    guard service.isNodeLocal || isClusterLocal(service.host) else {
      return endpoints(service.key)
    }
    guard cluster != clusterID else {
      return ServiceEndpoints(
        endpoints(service.key).filter { $0.workload.clusterID == cluster })
    }
    return ServiceEndpoints(
      services.definitions(service.key).filter(\.source.isKubernetes).flatMap {
        kubernetes.endpoints(of: $0, in: .remote(cluster))
      })
  }

  /// Whether a host's endpoints are for proxies of the cluster they are in only.
  package func isClusterLocal(_ host: String) -> Bool { clusterLocal().contains(host) }

  /// A SPIFFE identity under another trust domain; nil for a name of another kind.
  private static func renamed(_ identity: String, trustDomain: String) -> String? {
    let scheme = "spiffe://"
    guard identity.hasPrefix(scheme),
      let path = identity.dropFirst(scheme.count).firstIndex(of: "/")
    else { return nil }
    return scheme + trustDomain + identity[path...]
  }
}
