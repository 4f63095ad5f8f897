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

  /// By hosts: all that is compiled begins with a look-up here.
  private let ofHost: Derived<String, Definitions>
  /// What each object says of a host that several define, Kubernetes first.
  private let manyDefinitions: Derived<ServiceKey, [MeshService]>
  /// The services of a host that a namespace sees; the first is the one that the host alone means.
  private let seen: Derived<HostInNamespace, [ServiceKey]>
  private let byHost: Index<String, ServiceDefinition>

  private struct HostInNamespace: Digested {
    let host: String
    let namespace: String
  }

  /// `mayHaveRules` says whether some DestinationRule may be for a host.
  init(
    _ store: ObjectStore, options: MeshModel.Options,
    mayHaveRules: @escaping (String) -> Bool
  ) {
    let graph = store.graph
    let indexes = ServiceIndexes(store, clusterDomain: options.clusterDomain)
    let defaultVisibility = Derived<String, Visibility>(graph, "defaultVisibility") { namespace in
      Visibility(store.meshConfig.defaultServiceExportTo, of: namespace) ?? .everyone
    }
    let limit = EntryVisibilityLimit(store)
    let objects = ServiceObjects(
      store, clusterDomain: options.clusterDomain, limit: limit,
      defaultVisibility: { defaultVisibility($0) }, mayHaveRules: mayHaveRules)
    byHost = indexes.byHost
    ofHost = Derived(graph, "service") { host in
      var (only, count): (ServiceDefinition?, Int) = (nil, 0)
      indexes.byHost.visit(host) {
        only = $0
        count += 1
      }
      guard count < 2 else { return .several }
      return only.flatMap(objects.onlyService).map { .one($0) } ?? .none
    }
    manyDefinitions = Derived(graph, "serviceDefinitions") { key in
      let found = indexes.byHost[key.host].filter { $0.key == key }
      let kubernetesFirst =
        found.filter { $0.source.isKubernetes } + found.filter { !$0.source.isKubernetes }
      return kubernetesFirst.compactMap(objects.service)
    }
    visible = Derived(graph, "visibleServices") { namespace in
      let audience = Self.audience(of: namespace, in: indexes, default: defaultVisibility)
      return limit.limited(audience.mine, audience.everyone, for: namespace).onePerHost
    }
    seen = Derived(graph, "visibleService") { query in
      let found = indexes.byHost[query.host].compactMap { definition in
        objects.service(definition).map { (definition, $0.audience) }
      }
      let mine = found.filter { $0.1 != .everyone && $0.1.includes(query.namespace) }
      let all = (mine + found.filter { $0.1 == .everyone }).map(\.0)
      let first = [all].onePerHost
      return first + all.map(\.key).filter { $0 != first[0] }
    }
    targets = Derived(graph, "serviceTargets") { proxies in
      ServiceTarget.all(
        of: proxies,
        in: KubernetesCluster(id: proxies.traits.clusterID, own: options.clusterID),
        services: indexes, store: store, objects: objects)
    }
  }

  /// What is said of a host. Mostly one object defines it and there is nothing to settle.
  private enum Definitions: Hashable {
    case none
    case one(MeshService)
    case several
  }

  /// What each object says of a host, Kubernetes first.
  func definitions(_ key: ServiceKey) -> [MeshService] {
    switch ofHost(key.host) {
    case .none: []
    case .one(let service): service.key == key ? [service] : []
    case .several: manyDefinitions(key)
    }
  }

  /// A service by its full key, whoever sees it.
  package func service(_ key: ServiceKey) -> MeshService? {
    Self.merged(definitions(key))
  }

  /// A service by its full key, as proxies of a namespace see it.
  package func service(_ key: ServiceKey, visibleTo namespace: String) -> MeshService? {
    switch ofHost(key.host) {
    case .none: nil
    case .one(let service):
      service.key == key && service.audience.includes(namespace) ? service : nil
    case .several:
      Self.merged(manyDefinitions(key).filter { $0.audience.includes(namespace) })
    }
  }

  private static func merged(_ definitions: [MeshService]) -> MeshService? {
    guard let first = definitions.first else { return nil }
    return definitions.dropFirst().reduce(first) { $0.merged(with: $1) }
  }

  /// The key of the service of that name that proxies of a namespace see.
  package func key(of host: String, visibleTo namespace: String) -> ServiceKey? {
    switch ofHost(host) {
    case .none: nil
    case .one(let service): service.audience.includes(namespace) ? service.key : nil
    case .several: seen(HostInNamespace(host: host, namespace: namespace)).first
    }
  }

  /// The service of that name that proxies of a namespace see.
  package func service(_ host: String, visibleTo namespace: String) -> MeshService? {
    service(host, visibleTo: namespace, preferring: nil)
  }

  /// The service of that name in `preferred`, if proxies of `namespace` see it; else the one they see.
  package func service(
    _ host: String, visibleTo namespace: String, preferring preferred: String?
  ) -> MeshService? {
    switch ofHost(host) {
    case .none: return nil
    case .one(let service): return service.audience.includes(namespace) ? service : nil
    case .several:
      let keys = seen(HostInNamespace(host: host, namespace: namespace))
      return (keys.first { $0.namespace == preferred } ?? keys.first).flatMap {
        service($0, visibleTo: namespace)
      }
    }
  }

  /// The service that a provider of MeshConfig sends to, whoever sees it: without a namespace, the only
  /// one of that name.
  package func service(behind backend: ExtensionProvider.Backend) -> ServiceKey? {
    let namespaces = Set(byHost[backend.host].map(\.key.namespace))
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
        `default`($0.key.namespace).includes(namespace)
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

extension [[ServiceDefinition]] {
  /// One definition a host: the first, whose place a Kubernetes Service takes if that comes later.
  fileprivate var onePerHost: [ServiceKey] {
    let count = reduce(0) { $0 + $1.count }
    var chosen: [ServiceDefinition] = []
    chosen.reserveCapacity(count)
    var places: [String: Int] = [:]
    places.reserveCapacity(count)
    for definition in joined() {
      let place = places[definition.key.host, default: chosen.count]
      if place == chosen.count {
        places[definition.key.host] = place
        chosen.append(definition)
      } else if definition.source.isKubernetes, !chosen[place].source.isKubernetes {
        chosen[place] = definition
      }
    }
    return chosen.map(\.key)
  }
}
