internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// Hosts that Services and ServiceEntries define.
struct KnownHosts {
  enum Presence: Hashable {
    case nowhere
    case service(Service)
    /// One of the hosts that a ServiceEntry's wildcard stands for, a host of the cluster where its
    /// Services are not known, or one that a refused object defines.
    case anywhere
  }

  /// What others look at of a service.
  struct Service: Hashable {
    let namespace: String
    /// Sorted.
    let ports: [Int]
    let selector: [String: String]
  }

  private struct WildcardEntry: Hashable, Comparable {
    let host: String
    let entry: NamespacedName

    static func < (a: Self, b: Self) -> Bool { (a.host, a.entry) < (b.host, b.entry) }
  }

  private let model: MeshModel
  private let wildcards: Index<WholeMesh, WildcardEntry>
  /// What objects that were refused would define.
  private let refused: Index<String, ObjectName>
  private let areKnown: Single<Bool>

  init(_ model: MeshModel) {
    let wildcards = Index<WholeMesh, WildcardEntry>(model.graph)
    wildcards.follow(model.store.serviceEntries) { id, entry in
      Set(entry.spec.hosts).filter { HostPattern($0).isWildcard }
        .map { (WholeMesh(), WildcardEntry(host: $0, entry: id)) }
    }
    let all = Index<WholeMesh, NamespacedName>(model.graph)
    all.follow(model.store.leadingServices) { id, _ in [(WholeMesh(), id)] }
    areKnown = Single<Bool>(model.graph, "services are known") {
      !all[WholeMesh()].isEmpty
    }
    let domain = model.options.clusterDomain
    let refused = Index<String, ObjectName>(model.graph)
    refused.follow(model.store.refused) { name, resource in
      switch resource {
      case .service?: [("\(name.name).\(name.namespace).svc.\(domain)", name)]
      case .serviceEntry(let entry)?: Set(entry.spec.hosts).map { ($0, name) }
      case .some, nil: []
      }
    }
    self.model = model
    self.wildcards = wildcards
    self.refused = refused
  }

  /// The service of that name, as it is seen where an object of a namespace holds: in the namespaces of
  /// its `exportTo`, or in its own where it names none (istioctl's util.GetDestinationHost).
  func presence(
    of host: String, seenFrom namespace: String, exportTo: [ExportTarget]
  ) -> Presence {
    let domain = model.options.clusterDomain
    let name = ServiceHost.completed(host, in: namespace, domain: domain)
    let readers = Visibility(exportTo, of: namespace) ?? .namespaces([namespace])
    if let service = service(name, for: readers, of: namespace) {
      return .service(
        Service(
          namespace: service.namespace, ports: service.ports.map(\.number).sorted(),
          selector: service.selector))
    }
    let host = HostPattern(name)
    let isOthers =
      host.isCovered(by: HostPattern("*.svc.\(domain)")) && !areKnown()
    let isAnywhere =
      isOthers || !refused[name].isEmpty
      || wildcards[WholeMesh()].contains { host.isCovered(by: HostPattern($0.host)) }
    return isAnywhere ? .anywhere : .nowhere
  }

  /// The service that some of the readers see; where they are everyone, only one that everyone sees.
  private func service(
    _ name: String, for readers: Visibility, of namespace: String
  ) -> MeshService? {
    switch readers {
    case .nobody: nil
    case .namespaces(let names):
      names.lazy.compactMap { model.services.service(name, visibleTo: $0) }.first
    case .everyone:
      model.services.service(name, visibleTo: namespace)
        .flatMap { $0.audience == .everyone ? $0 : nil }
    }
  }
}
