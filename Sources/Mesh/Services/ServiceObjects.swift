internal import Incremental
internal import Resources
internal import Store

/// Services as single objects define them.
struct ServiceObjects {
  private let remoteServices: Derived<LocatedName, MeshService?>
  /// The Services of one name in all clusters: as the first has it, with the identities that any of
  /// them states (istiod's `mergeService`).
  private let kubernetes: Derived<NamespacedName, MeshService?>
  /// Hosts of ServiceEntries, of those that several objects define.
  private let entries: Derived<ServiceDefinition, MeshService?>
  private let ofEntry: (ServiceDefinition) -> MeshService?

  init(
    _ store: ObjectStore, clusterDomain: String, limit: EntryVisibilityLimit,
    defaultVisibility: @escaping (String) -> Visibility, mayHaveRules: @escaping (String) -> Bool
  ) {
    let graph = store.graph
    let surroundings = Derived<LocatedNamespace, MeshService.Surroundings>(
      graph, "serviceSurroundings"
    ) { namespace in
      MeshService.Surroundings(
        trustDomain: store.meshConfig.trustDomain,
        distribution: store.namespaces[namespace.object].flatMap {
          MeshService.TrafficDistribution.annotated($0.metadata, or: nil)
        },
        unstatedAudience: defaultVisibility(namespace.name),
        entryLimit: limit.limit(in: namespace.name))
    }
    let located = { (id: LocatedName) -> MeshService? in
      store.services[id].map {
        let host = ServiceHost.kubernetes(id.id, domain: clusterDomain)
        return MeshService(
          $0, host: host, in: surroundings(LocatedNamespace(id.namespace, in: id.cluster)),
          mayHaveRules: mayHaveRules(host))
      }
    }
    let remoteServices = Derived<LocatedName, MeshService?>(graph, "remoteService") { located($0) }
    self.remoteServices = remoteServices
    kubernetes = Derived(graph, "kubernetesService") { id in
      let own = located(LocatedName(id))
      guard !store.remoteClusters.isEmpty else { return own }
      let others = store.remoteServices[id].compactMap { remoteServices(LocatedName(id, in: $0)) }
      let all = (own.map { [$0] } ?? []) + others
      return all.dropFirst().reduce(all.first) { $0?.stating($1.subjectAltNames) }
    }
    let ofEntry = { (definition: ServiceDefinition) -> MeshService? in
      guard case .serviceEntry(let id) = definition.source,
        let entry = store.serviceEntries[id]
      else { return nil }
      return MeshService(
        definition, of: entry, in: surroundings(LocatedNamespace(id.namespace, in: .own)),
        mayHaveRules: mayHaveRules(definition.key.host))
    }
    self.ofEntry = ofEntry
    entries = Derived(graph, "serviceEntryServices", ofEntry)
  }

  /// The same without a value of its own: for the value that a host with one definition is.
  func onlyService(_ definition: ServiceDefinition) -> MeshService? {
    switch definition.source {
    case .kubernetes: kubernetes(definition.rank.id)
    case .serviceEntry: ofEntry(definition)
    }
  }

  func service(_ definition: ServiceDefinition) -> MeshService? {
    switch definition.source {
    case .kubernetes: kubernetes(definition.rank.id)
    case .serviceEntry: entries(definition)
    }
  }

  /// A Service as its own cluster has it, or where that is the mesh's own, as all have it.
  func kubernetesService(_ id: LocatedName) -> MeshService? {
    switch id.cluster {
    case .own: kubernetes(id.id)
    case .remote: remoteServices(id)
    }
  }
}
