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
  package let services: Inputs<NamespacedName, Object<Service>>
  package let endpointSlices: Inputs<NamespacedName, Object<EndpointSlice>>
  package let pods: Inputs<NamespacedName, Object<Pod>>
  package let nodes: Inputs<NamespacedName, Object<KubernetesNode>>
  package let namespaces: Inputs<NamespacedName, Object<Namespace>>
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
  private let meshConfigInput: Inputs<Whole, MeshConfig>
  private let meshNetworksInput: Inputs<Whole, MeshNetworks>

  /// The key of what there is one of.
  private struct Whole: Hashable {}

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
    secrets = Inputs(graph)
    configMaps = Inputs(graph)
    keySets = Inputs(graph)
    tokenRulesBefore = Inputs(graph)
    refused = Inputs(graph)
    meshConfigInput = Inputs(graph)
    meshNetworksInput = Inputs(graph)
    meshConfigInput.set(Whole(), to: MeshConfig())
    meshNetworksInput.set(Whole(), to: MeshNetworks())
  }

  /// The mesh's settings; istiod's defaults until some were set.
  package var meshConfig: MeshConfig { meshConfigInput[Whole()] ?? MeshConfig() }
  package var meshNetworks: MeshNetworks { meshNetworksInput[Whole()] ?? MeshNetworks() }

  package func set(meshConfig: MeshConfig) { meshConfigInput.set(Whole(), to: meshConfig) }
  package func set(meshNetworks: MeshNetworks) { meshNetworksInput.set(Whole(), to: meshNetworks) }

  /// Adds or replaces an object; answers whether anything is different now.
  @discardableResult package func put(_ resource: Resource) -> Bool {
    switch resource {
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
    case .service(let object): put(object, in: services)
    case .endpointSlice(let object): put(object, in: endpointSlices)
    case .pod(let object): put(object, in: pods)
    case .node(let object): put(object, in: nodes)
    case .namespace(let object): put(object, in: namespaces)
    case .secret(let object): put(object, in: secrets)
    case .configMap(let object): put(object, in: configMaps)
    }
  }

  private func put<Spec>(
    _ object: Object<Spec>, in inputs: Inputs<NamespacedName, Object<Spec>>
  ) -> Bool {
    inputs.set(Rank(object.metadata).id, to: object)
  }

  /// Removes an object; answers whether it was there.
  @discardableResult package func remove(_ kind: Kind, _ id: NamespacedName) -> Bool {
    switch kind {
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
    case .service: services.set(id, to: nil)
    case .endpointSlice: endpointSlices.set(id, to: nil)
    case .pod: pods.set(id, to: nil)
    case .node: nodes.set(id, to: nil)
    case .namespace: namespaces.set(id, to: nil)
    case .secret: secrets.set(id, to: nil)
    case .configMap: configMaps.set(id, to: nil)
    }
  }
}
