package import Incremental
package import Resources
internal import Store

/// The services of the mesh: which there are, who sees them, and which are the proxy's own.
package final class ServiceQueries {
  /// The services that proxies of a namespace see, in istiod's order, each host once.
  package let visible: Derived<String, [ServiceKey]>
  /// The ports of services that select proxies of the class, by the services' order; the first is the
  /// proxy's local service.
  package let targets: Derived<ProxyClass, [ServiceTarget]>

  /// What each object says of a host, Kubernetes first.
  let definitions: Derived<ServiceKey, [MeshService]>
  /// The services of a host that a namespace sees; the first is the one that the host alone means.
  private let seen: Derived<HostInNamespace, [ServiceKey]>
  private let byHost: Index<String, ServiceDefinition>
  private let defaultVisibility: Derived<String, Visibility>
  private let limit: EntryVisibilityLimit

  private struct HostInNamespace: Hashable {
    let host: String
    let namespace: String
  }

  init(_ store: ObjectStore, options: MeshModel.Options) {
    let graph = store.graph
    let indexes = ServiceIndexes(store, clusterDomain: options.clusterDomain)
    let objects = ServiceObjects(store, clusterDomain: options.clusterDomain)
    let defaultVisibility = Derived<String, Visibility>(graph, "defaultVisibility") { namespace in
      Visibility(store.meshConfig.defaultServiceExportTo, of: namespace) ?? .everyone
    }
    self.defaultVisibility = defaultVisibility
    let limit = EntryVisibilityLimit(store)
    self.limit = limit
    byHost = indexes.byHost
    definitions = Derived(graph, "serviceDefinitions") { key in
      let found = indexes.byHost[key.host].filter { $0.rank.id.namespace == key.namespace }
      guard found.count > 1 else { return found.compactMap(objects.service) }
      let kubernetesFirst =
        found.filter { $0.source.isKubernetes } + found.filter { !$0.source.isKubernetes }
      return kubernetesFirst.compactMap(objects.service)
    }
    visible = Derived(graph, "visibleServices") { namespace in
      let audience = Self.audience(of: namespace, in: indexes, default: defaultVisibility)
      return limit.limited(audience.mine, audience.everyone, for: namespace).joined().onePerHost
    }
    seen = Derived(graph, "visibleService") { query in
      let found = indexes.byHost[query.host].map { definition in
        (definition, objects.visibility(definition))
      }
      let stated = found.map { definition, visibility in
        let namespace = definition.rank.id.namespace
        return (
          definition,
          limit.limited(
            visibility ?? defaultVisibility(namespace), of: definition.source, in: namespace)
        )
      }
      let mine = stated.filter { $0.1 != .everyone && $0.1.includes(query.namespace) }
      let all = (mine + stated.filter { $0.1 == .everyone }).map(\.0)
      let first = all.onePerHost
      return first + all.map(\.key).filter { $0 != first[0] }
    }
    targets = Derived(graph, "serviceTargets") { proxies in
      ServiceTarget.all(
        of: proxies,
        in: KubernetesCluster(id: proxies.traits.clusterID, own: options.clusterID),
        services: indexes, store: store, objects: objects)
    }
  }

  /// A service by its full key, whoever sees it.
  package func service(_ key: ServiceKey) -> MeshService? {
    Self.merged(definitions(key))
  }

  /// A service by its full key, as proxies of a namespace see it.
  package func service(_ key: ServiceKey, visibleTo namespace: String) -> MeshService? {
    let found = definitions(key)
    let visible = found.filter { isVisible($0, to: namespace) }
    return Self.merged(visible.count == found.count ? found : visible)
  }

  private static func merged(_ definitions: [MeshService]) -> MeshService? {
    guard var service = definitions.first else { return nil }
    for next in definitions.dropFirst() { service = service.merged(with: next) }
    return service
  }

  /// The key of the service of that name that proxies of a namespace see.
  package func key(of host: String, visibleTo namespace: String) -> ServiceKey? {
    seen(HostInNamespace(host: host, namespace: namespace)).first
  }

  /// The service of that name that proxies of a namespace see.
  package func service(_ host: String, visibleTo namespace: String) -> MeshService? {
    key(of: host, visibleTo: namespace).flatMap { service($0, visibleTo: namespace) }
  }

  /// The service of that name in `preferred`, if proxies of `namespace` see it; else the one they see.
  package func service(
    _ host: String, visibleTo namespace: String, preferring preferred: String
  ) -> MeshService? {
    let keys = seen(HostInNamespace(host: host, namespace: namespace))
    return (keys.first { $0.namespace == preferred } ?? keys.first).flatMap {
      service($0, visibleTo: namespace)
    }
  }

  /// The service that a provider of MeshConfig sends to, whoever sees it: without a namespace, the only
  /// one of that name.
  package func service(behind backend: ExtensionProvider.Backend) -> ServiceKey? {
    let namespaces = Set(byHost[backend.host].map(\.rank.id.namespace))
    guard let namespace = backend.namespace ?? (namespaces.count == 1 ? namespaces.first : nil),
      namespaces.contains(namespace)
    else { return nil }
    return ServiceKey(host: backend.host, namespace: namespace)
  }

  /// Where a gateway's port number ends in the proxies' pods: at the first of their services that has
  /// the port and lets its ports be translated.
  package func targetPort(of proxies: ProxyClass, servicePort: Int) -> Int? {
    targets(proxies).first { $0.port.number == servicePort && $0.translatesGatewayPorts }?
      .targetPort
  }

  /// Whether one of the proxies' services has that port for UDP.
  func takesUDP(_ proxies: ProxyClass, servicePort: Int) -> Bool {
    targets(proxies).contains { $0.port.number == servicePort && $0.port.portProtocol == .udp }
  }

  /// The Kubernetes Service behind a host name.
  func kubernetesService(_ host: String) -> NamespacedName? {
    byHost[host].first { $0.source.isKubernetes }?.rank.id
  }

  private func isVisible(_ service: MeshService, to namespace: String) -> Bool {
    let stated = service.visibility ?? defaultVisibility(service.namespace)
    return limit.limited(stated, of: service.source, in: service.namespace).includes(namespace)
  }

  /// What a namespace sees: first what is meant for it by name, then what everyone sees.
  private static func audience(
    of namespace: String, in indexes: ServiceIndexes, default: Derived<String, Visibility>
  ) -> (mine: [ServiceDefinition], everyone: [ServiceDefinition]) {
    let (mine, everyone) = (
      indexes.byAudience[.namespace(namespace)], indexes.byAudience[.everyone]
    )
    switch `default`(namespace) {
    case .everyone: return (mine, merged(everyone, indexes.byAudience[.unstated]))
    case .nobody: return (mine, everyone)
    case .namespaces:
      let unstated = indexes.byAudience[.unstated].filter {
        `default`($0.rank.id.namespace).includes(namespace)
      }
      return (merged(mine, unstated), everyone)
    }
  }

  private static func merged(
    _ a: [ServiceDefinition], _ b: [ServiceDefinition]
  ) -> [ServiceDefinition] {
    a.isEmpty ? b : b.isEmpty ? a : (a + b).sorted()
  }
}

extension Sequence<ServiceDefinition> {
  /// One definition a host: the first, whose place a Kubernetes Service takes if that comes later.
  fileprivate var onePerHost: [ServiceKey] {
    var keys: [ServiceKey] = []
    var places: [String: (index: Int, isKubernetes: Bool)] = [:]
    for definition in self {
      let isKubernetes = definition.source.isKubernetes
      if let place = places[definition.host] {
        guard isKubernetes, !place.isKubernetes else { continue }
        keys[place.index] = definition.key
        places[definition.host] = (place.index, true)
      } else {
        places[definition.host] = (keys.count, isKubernetes)
        keys.append(definition.key)
      }
    }
    return keys
  }
}

/// Services as single objects define them.
struct ServiceObjects {
  private let store: ObjectStore
  private let kubernetes: Derived<LocatedName, MeshService?>
  private let entries: Derived<NamespacedName, [MeshService]>
  private let entryVisibility: Derived<NamespacedName, Visibility?>

  init(_ store: ObjectStore, clusterDomain: String) {
    let graph = store.graph
    self.store = store
    let trustDomain = Derived<Int, String>(graph, "trustDomain") { _ in
      store.meshConfig.trustDomain
    }
    let distribution = Derived<LocatedNamespace, MeshService.TrafficDistribution?>(
      graph, "namespaceTrafficDistribution"
    ) { namespace in
      store.namespaces[namespace.object].flatMap {
        MeshService.TrafficDistribution.annotated($0.metadata, or: nil)
      }
    }
    kubernetes = Derived(graph, "kubernetesService") { id in
      store.services[id].map {
        MeshService(
          $0, namespaceDefault: distribution(LocatedNamespace(id.namespace, in: id.cluster)),
          context: .init(clusterDomain: clusterDomain, trustDomain: trustDomain(0)))
      }
    }
    entries = Derived(graph, "serviceEntryServices") { id in
      guard let entry = store.serviceEntries[id] else { return [] }
      let distribution = distribution(LocatedNamespace(id.namespace, in: .own))
      return entry.spec.hosts.map {
        MeshService($0, of: entry, namespaceDefault: distribution)
      }
    }
    entryVisibility = Derived(graph, "serviceEntryVisibility") { id in
      store.serviceEntries[id].flatMap { Visibility($0.spec.exportTo, of: id.namespace) }
    }
  }

  func service(_ definition: ServiceDefinition) -> MeshService? {
    switch definition.source {
    case .kubernetes: merged(definition.rank.id)
    case .serviceEntry(let id): entries(id).first { $0.host == definition.host }
    }
  }

  /// A Service as its own cluster has it.
  func kubernetesService(_ id: LocatedName) -> MeshService? { kubernetes(id) }

  /// The Services of one name in all clusters: as the first has it, with the identities that any of
  /// them states (istiod's `mergeService`).
  private func merged(_ id: NamespacedName) -> MeshService? {
    guard !store.remoteClusters.isEmpty else { return kubernetes(LocatedName(id)) }
    let found = ([.own] + store.remoteServices[id]).compactMap {
      kubernetes(LocatedName(id, in: $0))
    }
    return found.dropFirst().reduce(found.first) { $0?.stating($1.subjectAltNames) }
  }

  func visibility(_ definition: ServiceDefinition) -> Visibility? {
    switch definition.source {
    case .kubernetes: merged(definition.rank.id)?.visibility
    case .serviceEntry(let id): entryVisibility(id)
    }
  }
}
