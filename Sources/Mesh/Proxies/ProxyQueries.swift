package import Incremental
package import Resources
internal import Store

/// Who connected: the node as it describes itself, and whether its claims can be believed.
package struct ConnectedProxy: Digested, Sendable {
  package let node: ProxyNode
  package let mayHaveSecrets: Bool
  package let takesVirtualHosts: Bool

  package init(_ node: ProxyNode, mayHaveSecrets: Bool, takesVirtualHosts: Bool = false) {
    self.node = node
    self.mayHaveSecrets = mayHaveSecrets
    self.takesVirtualHosts = takesVirtualHosts
  }
}

/// What the mesh knows of a connected proxy: its pod's labels, its locality, its class.
///
/// The rules are istiod's (`pilot/pkg/model/context.go`): the pod is found by the first two parts of
/// the node id, its labels take the place of the metadata's, its Node says the locality.
package final class ProxyQueries {
  private let store: ObjectStore
  private let clusterID: String
  private let networks: NetworkQueries
  /// The Services of a namespace that select no pods.
  private let unselecting: Index<LocatedNamespace, LocatedName>
  private let slices: Index<LocatedName, LocatedName>
  private let entryTargets: EntryTargets
  private let matchedKeys: Index<Bool, MatchedKey>
  private var interned: [ProxyTraits: ProxyClass] = [:]
  private var classes: Derived<ConnectedProxy, ProxyClass>!
  /// Some tracer of the mesh names services as OpenTelemetry's conventions do.
  private let followsConventions: Derived<Int, Bool>

  /// A key of metadata that an EnvoyFilter looks at.
  private struct MatchedKey: Hashable, Comparable {
    let key: String
    let filter: NamespacedName

    static func < (a: Self, b: Self) -> Bool { (a.key, a.filter) < (b.key, b.filter) }
  }

  init(_ store: ObjectStore, clusterID: String, networks: NetworkQueries) {
    self.store = store
    self.clusterID = clusterID
    self.networks = networks
    unselecting = Index(store.graph)
    unselecting.follow(store.services) { id, service in
      service.spec.selector.isEmpty
        ? [(LocatedNamespace(id.namespace, in: id.cluster), id)] : []
    }
    slices = Index(store.graph)
    slices.follow(
      store.endpointSlices, by: { $0.metadata.labels },
      memberships: { id, labels in
        labels["kubernetes.io/service-name"].map { name in
          let service = NamespacedName(namespace: id.namespace, name: name)
          return [(LocatedName(service, in: id.cluster), id)]
        } ?? []
      })
    entryTargets = EntryTargets(store)
    matchedKeys = Index(store.graph)
    matchedKeys.follow(store.envoyFilters) { id, filter in
      filter.spec.matchedKeys.map { (true, MatchedKey(key: $0, filter: id)) }
    }
    followsConventions = Derived(store.graph, "tracersFollowConventions") { _ in
      store.meshConfig.extensionProviders.contains { provider in
        if case .opentelemetry(let settings) = provider.provider {
          settings.enrichment == .otelSemanticConventions
        } else {
          false
        }
      }
    }
    classes = Derived(store.graph, "proxyClass") { [unowned self] in intern(traits(of: $0)) }
  }

  /// The class of a proxy; another one after its pod's labels change.
  package var proxyClass: Derived<ConnectedProxy, ProxyClass> { classes }

  private func intern(_ traits: ProxyTraits) -> ProxyClass {
    if let known = interned[traits] { return known }
    let new = ProxyClass(traits)
    interned[traits] = new
    return new
  }

  /// Drops a class that no connected proxy is of.
  package func forget(_ proxyClass: ProxyClass) { interned[proxyClass.traits] = nil }

  private func traits(of proxy: ConnectedProxy) -> ProxyTraits {
    let node = proxy.node
    let pod = pod(of: node)
    let labels = labels(of: node, pod: pod)
    return ProxyTraits(
      type: node.type,
      namespace: node.configNamespace,
      dnsDomain: node.dnsDomain,
      labels: labels,
      clusterID: node.metadata.clusterID ?? clusterID,
      network: labels[Topology.networkLabel] ?? "",
      locality: Topology.locality(of: labels) ?? node.locality ?? NodeLocality(),
      addressFamilies: addressFamilies(node.ipAddresses),
      istioVersion: node.istioVersion,
      serviceCluster: node.cluster,
      conventionalServiceName: followsConventions(0)
        ? conventionalServiceName(node, labels: labels) : "",
      namedPorts: pod?.spec.ports.filter { $0.name != nil } ?? node.metadata.podPorts,
      servicesByAddress: servicesByAddress(node),
      entryTargets: node.type == .router
        ? entryTargets.targets(at: node.ipAddresses, in: node.configNamespace, pod: pod) : [],
      mayHaveSecrets: proxy.mayHaveSecrets,
      takesVirtualHosts: proxy.takesVirtualHosts,
      metadata: shared(node.metadata),
      matchedMetadata: node.metadata.texts(of: matchedKeys[true].map(\.key)))
  }

  /// The cluster that a proxy says it is in; the own one unless it says.
  private func cluster(of node: ProxyNode) -> KubernetesCluster {
    node.metadata.clusterID.map { KubernetesCluster(id: $0, own: clusterID) } ?? .own
  }

  /// The node id's third part is `pod.namespace`.
  private func pod(of node: ProxyNode) -> Object<Pod>? {
    let parts = node.id.split(separator: ".", maxSplits: 2)
    guard parts.count > 1 else { return nil }
    let id = NamespacedName(namespace: String(parts[1]), name: String(parts[0]))
    return store.pods[LocatedName(id, in: cluster(of: node))]
  }

  private func labels(of node: ProxyNode, pod: Object<Pod>?) -> [String: String] {
    var labels = node.metadata.staticLabels
    if let pod {
      let machine = machine(of: pod, in: cluster(of: node))
      labels.merge(Topology.labels(of: pod, on: machine)) { _, pods in pods }
    } else {
      labels.merge(node.metadata.labels) { _, metadata in metadata }
    }
    let added = [
      ("topology.istio.io/cluster", node.metadata.clusterID ?? clusterID),
      ("kubernetes.io/hostname", node.metadata.nodeName ?? ""),
    ]
    for (name, value) in added where !value.isEmpty { labels[name] = value }
    if labels[Topology.networkLabel]?.isEmpty ?? true {
      let network = pod.map { self.network(of: $0, in: cluster(of: node)) } ?? ""
      let known = network.isEmpty ? node.metadata.network ?? "" : network
      if !known.isEmpty { labels[Topology.networkLabel] = known }
    }
    return labels
  }

  /// The network of a proxy's pod: what says where its endpoints are, says it of the proxy, too.
  private func network(of pod: Object<Pod>, in cluster: KubernetesCluster) -> String {
    networks.network(of: pod.spec.address, labels: pod.metadata.labels, in: cluster)
  }

  /// istiod's `otelServiceName`.
  private func conventionalServiceName(_ node: ProxyNode, labels: [String: String]) -> String {
    let pod = node.id.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let candidates = [
      node.metadata.annotations["resource.opentelemetry.io/service.name"],
      labels["app.kubernetes.io/instance"], labels["app.kubernetes.io/name"],
      node.metadata.workloadName, pod.count > 1 ? String(pod[0]) : nil,
    ]
    return candidates.compactMap { $0 }.first { !$0.isEmpty } ?? "unknown_service"
  }

  private func machine(
    of pod: Object<Pod>, in cluster: KubernetesCluster
  ) -> Object<KubernetesNode>? {
    pod.spec.nodeName.flatMap {
      store.nodes[LocatedName(NamespacedName(namespace: "", name: $0), in: cluster)]
    }
  }

  private func addressFamilies(_ addresses: [String]) -> ProxyTraits.AddressFamilies {
    let v6 = addresses.count { $0.utf8.contains(UInt8(ascii: ":")) }
    return v6 == 0 && !addresses.isEmpty
      ? .v4 : v6 == addresses.count && !addresses.isEmpty ? .v6 : .dual
  }

  private func servicesByAddress(_ node: ProxyNode) -> [NamespacedName] {
    let cluster = cluster(of: node)
    let namespace = LocatedNamespace(node.configNamespace, in: cluster)
    guard let address = node.ipAddresses.first else { return [] }
    return unselecting[namespace].filter { service in
      slices[service].contains { slice in
        store.endpointSlices[slice]?.spec.endpoints.contains { $0.has(address) }
          ?? false
      }
    }.map(\.id)
  }

  /// The metadata without what tells one proxy of a class from another.
  private func shared(_ metadata: NodeMetadata) -> NodeMetadata {
    var shared = metadata
    shared.labels = [:]
    shared.staticLabels = [:]
    shared.instanceIPs = []
    shared.workloadName = nil
    shared.istioVersion = nil
    shared.podPorts = []
    shared.raw = .init(.null)
    return shared
  }
}
