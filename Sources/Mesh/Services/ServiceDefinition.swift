internal import Incremental
internal import Resources
internal import Store

/// One object's claim to a host name, in istiod's order of services. A class, since it stands in
/// several groups.
final class ServiceDefinition: Digested, Comparable, Sendable {
  let rank: Rank
  let source: MeshService.Source
  let key: ServiceKey

  init(_ rank: Rank, host: String, source: MeshService.Source) {
    self.rank = rank
    self.source = source
    key = ServiceKey(host: host, namespace: rank.id.namespace)
  }

  static func == (a: ServiceDefinition, b: ServiceDefinition) -> Bool {
    a === b || (a.key == b.key && a.rank == b.rank && a.source == b.source)
  }
  func hash(into hasher: inout Hasher) { hasher.combine(key) }
  var digest: UInt64 { key.digest }

  static func < (a: ServiceDefinition, b: ServiceDefinition) -> Bool {
    if a.rank != b.rank { return a.rank < b.rank }
    if a.key != b.key { return a.key.host < b.key.host }
    return a.source.sortKey < b.source.sortKey
  }
}

extension MeshService.Source {
  fileprivate var sortKey: String {
    switch self {
    case .kubernetes: ""
    case .serviceEntry(let id): id.name
    }
  }
}

/// Which objects define which hosts, and for whom.
struct ServiceIndexes {
  let byHost: Index<String, ServiceDefinition>
  let byAudience: Index<Audience, ServiceDefinition>
  /// Kubernetes Services of each cluster by the first label that they select pods by.
  let bySelector: Index<Selected, Rank>

  /// For whom a definition says it is.
  enum Audience: Digested {
    case everyone
    case namespace(String)
    /// It says nothing: the mesh's default holds, which may name the definition's own namespace.
    case unstated
  }

  /// Pods of one cluster.
  struct Selected: Digested {
    let cluster: KubernetesCluster
    let label: LabelInNamespace
  }

  init(_ store: ObjectStore, clusterDomain: String) {
    byHost = Index(store.graph)
    byAudience = Index(store.graph)
    bySelector = Index(store.graph)
    let definition = { (id: NamespacedName, service: Object<Service>) in
      ServiceDefinition(
        Rank(service.metadata), host: ServiceHost.kubernetes(id, domain: clusterDomain),
        source: .kubernetes)
    }
    let definitions = { (id: NamespacedName, entry: Object<ServiceEntry>) in
      entry.spec.hosts.map {
        ServiceDefinition(
          Rank(entry.metadata, name: $0), host: $0, source: .serviceEntry(id))
      }
    }
    byHost.follow(store.leadingServices) { id, service in
      let definition = definition(id, service)
      return [(definition.key.host, definition)]
    }
    byHost.follow(store.serviceEntries) { id, entry in
      definitions(id, entry).map { ($0.key.host, $0) }
    }
    byAudience.follow(store.leadingServices) { [byHost] id, service in
      let made = definition(id, service)
      // That in the other index, which was told first: one in memory.
      let definition = byHost.current(made.key.host).first { $0 == made } ?? made
      return Self.audiences(of: service.exportTo, in: id.namespace).map { ($0, definition) }
    }
    byAudience.follow(store.serviceEntries) { id, entry in
      let audiences = Self.audiences(of: entry.spec.exportTo, in: id.namespace)
      return definitions(id, entry).flatMap { definition in audiences.map { ($0, definition) } }
    }
    bySelector.follow(store.services) { id, service in
      service.spec.selector.min { $0.key < $1.key }.map { label in
        [
          (
            Selected(cluster: id.cluster, label: LabelInNamespace(id.namespace, label)),
            Rank(service.metadata)
          )
        ]
      } ?? []
    }
  }

  private static func audiences(of exportTo: [ExportTarget], in namespace: String) -> [Audience] {
    switch Visibility(exportTo, of: namespace) {
    case nil: [.unstated]
    case .everyone: [.everyone]
    case .nobody: []
    case .namespaces(let names): names.map(Audience.namespace)
    }
  }
}

/// A label that workloads of a namespace carry or are selected by.
struct LabelInNamespace: Digested {
  let namespace: String
  let name: String
  let value: String

  init(_ namespace: String, _ label: (key: String, value: String)) {
    self.namespace = namespace
    name = label.key
    value = label.value
  }
}
