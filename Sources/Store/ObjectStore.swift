package import Diagnostics
package import Incremental
package import Resources

/// The mesh's objects as inputs of the graph, one an object.
///
/// Not here, on purpose: where objects come from (a ``Ledger`` settles that for files), and what they
/// mean to each other (Mesh). Indexes by what others look things up by are made where they are read.
package final class ObjectStore {
  package let graph: Graph
  package let gateways: Inputs<NamespacedName, Object<Gateway>>
  package let virtualServices: Inputs<NamespacedName, Object<VirtualService>>
  package let destinationRules: Inputs<NamespacedName, Object<DestinationRule>>
  package let serviceEntries: Inputs<NamespacedName, Object<ServiceEntry>>
  package let workloadEntries: Inputs<NamespacedName, Object<WorkloadEntry>>
  package let authorizationPolicies: Inputs<NamespacedName, Object<AuthorizationPolicy>>
  package let requestAuthentications: Inputs<NamespacedName, Object<RequestAuthentication>>
  package let peerAuthentications: Inputs<NamespacedName, Object<PeerAuthentication>>
  package let envoyFilters: Inputs<NamespacedName, Object<EnvoyFilter>>
  package let telemetries: Inputs<NamespacedName, Object<Telemetry>>
  package let wasmPlugins: Inputs<NamespacedName, Object<WasmPlugin>>
  package let trafficExtensions: Inputs<NamespacedName, Object<TrafficExtension>>
  package let proxyConfigs: Inputs<NamespacedName, Object<WorkloadProxyConfig>>
  package let sidecars: Inputs<NamespacedName, Object<Sidecar>>
  package let workloadGroups: Inputs<NamespacedName, Object<WorkloadGroup>>
  package let services: Inputs<LocatedName, Object<Service>>
  package let endpointSlices: Inputs<LocatedName, Object<EndpointSlice>>
  package let pods: Inputs<LocatedName, Object<Pod>>
  package let nodes: Inputs<LocatedName, Object<KubernetesNode>>
  package let namespaces: Inputs<LocatedName, Object<Namespace>>
  /// Of the Services of one name in several clusters the one whose ports and attributes count: that of
  /// the first cluster (istiod's aggregate controller, where the others' order is that of arrival).
  package let leadingServices: Inputs<NamespacedName, Object<Service>>
  /// In which other clusters there is a Service of the name.
  package let remoteServices: Index<NamespacedName, KubernetesCluster>
  package let secrets: Inputs<NamespacedName, Object<Secret>>
  package let configMaps: Inputs<NamespacedName, Object<ConfigMap>>
  /// What is known of the keys that policies have fetched.
  package let keySets: Inputs<KeySetLocation, KeySet>
  /// The rules for tokens that a RequestAuthentication had before those it has now: they go on
  /// counting until the keys of the new ones are there.
  package let tokenRulesBefore: Inputs<NamespacedName, [JWTRule]>
  /// Objects as they are written now and were refused, for what is said about them and others; nil
  /// within where nothing of one could be read. Nothing is served of them.
  package let refused: Inputs<ObjectName, Resource?>
  private let remoteClustersInput: Inputs<Whole, [String]>
  private let meshConfigInput: Inputs<Whole, MeshConfig>
  private let meshNetworksInput: Inputs<Whole, MeshNetworks>

  /// The key of what there is one of.
  private struct Whole: Digested {
    var digest: UInt64 { 1 }
  }

  package init(_ graph: Graph) {
    self.graph = graph
    gateways = Inputs(graph)
    virtualServices = Inputs(graph)
    destinationRules = Inputs(graph)
    serviceEntries = Inputs(graph)
    workloadEntries = Inputs(graph)
    authorizationPolicies = Inputs(graph)
    requestAuthentications = Inputs(graph)
    peerAuthentications = Inputs(graph)
    envoyFilters = Inputs(graph)
    telemetries = Inputs(graph)
    wasmPlugins = Inputs(graph)
    trafficExtensions = Inputs(graph)
    proxyConfigs = Inputs(graph)
    sidecars = Inputs(graph)
    workloadGroups = Inputs(graph)
    services = Inputs(graph)
    endpointSlices = Inputs(graph)
    pods = Inputs(graph)
    nodes = Inputs(graph)
    namespaces = Inputs(graph)
    leadingServices = Inputs(graph)
    remoteServices = Index(graph)
    secrets = Inputs(graph)
    configMaps = Inputs(graph)
    keySets = Inputs(graph)
    tokenRulesBefore = Inputs(graph)
    refused = Inputs(graph)
    remoteClustersInput = Inputs(graph)
    meshConfigInput = Inputs(graph)
    meshNetworksInput = Inputs(graph)
    meshConfigInput.set(Whole(), to: MeshConfig())
    meshNetworksInput.set(Whole(), to: MeshNetworks())
    remoteServices.follow(services) { id, _ in
      id.cluster == .own ? [] : [(id.id, id.cluster)]
    }
  }

  /// The mesh's settings; istiod's defaults until some were set.
  package var meshConfig: MeshConfig { meshConfigInput[Whole()] ?? MeshConfig() }
  /// Whether nothing chooses among namespaces; asked for every batch of changes, when a look at all
  /// settings would cost more than an object does.
  package private(set) var discoversAll = MeshConfig().discoverySelectors.isEmpty
  package var meshNetworks: MeshNetworks { meshNetworksInput[Whole()] ?? MeshNetworks() }

  package func set(meshConfig: MeshConfig) {
    meshConfigInput.set(Whole(), to: meshConfig)
    discoversAll = meshConfig.discoverySelectors.isEmpty
  }
  package func set(meshNetworks: MeshNetworks) { meshNetworksInput.set(Whole(), to: meshNetworks) }

  /// The names of the mesh's other clusters, sorted.
  package var remoteClusters: [String] { remoteClustersInput[Whole()] ?? [] }

  package func set(remoteClusters: [String]) {
    remoteClustersInput.set(Whole(), to: remoteClusters.sorted())
  }

  /// Adds or replaces an object; answers whether anything is different now. Of another cluster only
  /// what its workloads are counts, and none of its configuration.
  @discardableResult package func put(
    _ resource: Resource, in cluster: KubernetesCluster = .own
  ) -> Bool {
    guard cluster == .own || Kind(rawValue: resource.name.kind)?.isOfEveryCluster == true else {
      return false
    }
    return switch resource {
    case .gateway(let object): put(object, in: gateways)
    case .virtualService(let object): put(object, in: virtualServices)
    case .destinationRule(let object): put(object, in: destinationRules)
    case .serviceEntry(let object): put(object, in: serviceEntries)
    case .workloadEntry(let object): put(object, in: workloadEntries)
    case .authorizationPolicy(let object): put(object, in: authorizationPolicies)
    case .requestAuthentication(let object): putKeepingRules(object)
    case .peerAuthentication(let object): put(object, in: peerAuthentications)
    case .envoyFilter(let object): put(object, in: envoyFilters)
    case .telemetry(let object): put(object, in: telemetries)
    case .wasmPlugin(let object): put(object, in: wasmPlugins)
    case .trafficExtension(let object): put(object, in: trafficExtensions)
    case .proxyConfig(let object): put(object, in: proxyConfigs)
    case .sidecar(let object): put(object, in: sidecars)
    case .workloadGroup(let object): put(object, in: workloadGroups)
    case .service(let object): set(NamespacedName(object.metadata), to: object, in: cluster)
    case .endpointSlice(let object): put(object, in: endpointSlices, of: cluster)
    case .pod(let object): put(object, in: pods, of: cluster)
    case .node(let object): put(object, in: nodes, of: cluster)
    case .namespace(let object): put(object, in: namespaces, of: cluster)
    case .secret(let object): put(object, in: secrets)
    case .configMap(let object): put(object, in: configMaps)
    }
  }

  private func put<Spec>(
    _ object: Object<Spec>, in inputs: Inputs<NamespacedName, Object<Spec>>
  ) -> Bool {
    inputs.set(NamespacedName(object.metadata), to: object)
  }

  private func put<Spec>(
    _ object: Object<Spec>, in inputs: Inputs<LocatedName, Object<Spec>>,
    of cluster: KubernetesCluster
  ) -> Bool {
    inputs.set(LocatedName(NamespacedName(object.metadata), in: cluster), to: object)
  }

  private func set(
    _ id: NamespacedName, to service: Object<Service>?, in cluster: KubernetesCluster
  ) -> Bool {
    let isChange = services.set(LocatedName(id, in: cluster), to: service)
    // The own cluster's, and no look at others, for what is nearly all of a mesh.
    let first =
      services.current(LocatedName(id))
      ?? remoteServices.current(id).first.flatMap {
        services.current(LocatedName(id, in: $0))
      }
    leadingServices.set(id, to: first)
    return isChange
  }

  /// Removes an object; answers whether it was there.
  @discardableResult package func remove(
    _ kind: Kind, _ id: NamespacedName, in cluster: KubernetesCluster = .own
  ) -> Bool {
    let located = LocatedName(id, in: cluster)
    guard cluster == .own || kind.isOfEveryCluster else { return false }
    return switch kind {
    case .gateway: gateways.set(id, to: nil)
    case .virtualService: virtualServices.set(id, to: nil)
    case .destinationRule: destinationRules.set(id, to: nil)
    case .serviceEntry: serviceEntries.set(id, to: nil)
    case .workloadEntry: workloadEntries.set(id, to: nil)
    case .authorizationPolicy: authorizationPolicies.set(id, to: nil)
    case .requestAuthentication: removeWithRules(id)
    case .peerAuthentication: peerAuthentications.set(id, to: nil)
    case .envoyFilter: envoyFilters.set(id, to: nil)
    case .telemetry: telemetries.set(id, to: nil)
    case .wasmPlugin: wasmPlugins.set(id, to: nil)
    case .trafficExtension: trafficExtensions.set(id, to: nil)
    case .proxyConfig: proxyConfigs.set(id, to: nil)
    case .sidecar: sidecars.set(id, to: nil)
    case .workloadGroup: workloadGroups.set(id, to: nil)
    case .service: set(id, to: nil, in: cluster)
    case .endpointSlice: endpointSlices.set(located, to: nil)
    case .pod: pods.set(located, to: nil)
    case .node: nodes.set(located, to: nil)
    case .namespace: namespaces.set(located, to: nil)
    case .secret: secrets.set(id, to: nil)
    case .configMap: configMaps.set(id, to: nil)
    }
  }
}

// Declared where nobody knows of tables.
extension ObjectName: Digested {}
extension KeySetLocation: Digested {}
