internal import Incremental
internal import Resources
internal import Store

/// Endpoints of ServiceEntries, and WorkloadEntries behind Kubernetes Services (istiod's
/// `serviceentry/conversion.go` and the Kubernetes controller's `collectWorkloadInstanceEndpoints`).
struct EntryEndpoints {
  private let store: ObjectStore
  private let indexes: EndpointIndexes
  private let pods: (LocatedName) -> Workload?
  private let selected: Derived<Selection, [Selected]>
  private let workload: Derived<NamespacedName, Workload?>
  private let inline: Derived<NamespacedName, [Workload]>
  private let names: Derived<KubernetesCluster, MeshNames>
  private let recurring: RecurringTraits

  /// A ServiceEntry's selector at work in its namespace.
  fileprivate struct Selection: Digested {
    let namespace: String
    let labels: [String: String]
  }

  /// A workload as ServiceEntries see it: any of their ports is on it.
  fileprivate struct Selected: Hashable {
    let entry: WorkloadEntry
    let health: ServiceEndpoint.Health
    let workload: Workload
  }

  init(
    _ store: ObjectStore, names: Derived<KubernetesCluster, MeshNames>, indexes: EndpointIndexes,
    pods: @escaping (LocatedName) -> Workload?, sharing recurring: RecurringTraits
  ) {
    let graph = store.graph
    self.store = store
    self.recurring = recurring
    self.indexes = indexes
    self.pods = pods
    self.names = names
    let workload = Derived<NamespacedName, Workload?>(graph, "workloadEntry") { id in
      guard let entry = store.workloadEntries[id], entry.isSelectable else { return nil }
      let labels = entry.mergedLabels
      return Workload(
        entry.spec, labels: labels, name: Workload.name(of: entry), namespace: id.namespace,
        mesh: names(.own), sharing: recurring)
    }
    self.workload = workload
    inline = Derived(graph, "inlineEndpoints") { id in
      let endpoints = store.serviceEntries[id]?.spec.endpoints ?? []
      return Self.workloads(of: endpoints, in: id, mesh: names(.own), sharing: recurring)
    }
    selected = Derived(graph, "selectedWorkloads") { selection in
      Self.pods(of: selection, store: store, indexes: indexes, workload: pods)
        + Self.entries(of: selection.labels, in: selection.namespace, indexes: indexes)
        .compactMap { id in
          guard let workload = workload(id), let entry = store.workloadEntries[id] else {
            return nil
          }
          return Selected(entry: entry.spec, health: .unknown, workload: workload)
        }
    }
  }

  /// The endpoints of one host's ServiceEntries, in their order. Of DNS_ROUND_ROBIN only the first
  /// for each port counts.
  func endpoints(of services: [MeshService]) -> [ServiceEndpoint] {
    if services.count == 1, services[0].resolution != .dnsRoundRobin {
      return endpoints(of: services[0])
    }
    var ports: Set<UInt16?> = []
    var found: [ServiceEndpoint] = []
    for service in services {
      for endpoint in endpoints(of: service) {
        let isFirst = ports.insert(endpoint.portNumber).inserted
        if isFirst || service.resolution != .dnsRoundRobin { found.append(endpoint) }
      }
    }
    return found
  }

  private func endpoints(of service: MeshService) -> [ServiceEndpoint] {
    guard case .serviceEntry(let id) = service.source, let entry = store.serviceEntries[id] else {
      return []
    }
    let spec = entry.spec
    if spec.endpoints.isEmpty, spec.workloadSelector == nil {
      let endpoints = service.isDNS ? hostEndpoints(of: service, entry) : []
      return Array(repeatElement(endpoints, count: spec.addressCount).joined())
    }
    var endpoints: [ServiceEndpoint] = []
    func add(_ entry: WorkloadEntry, _ health: ServiceEndpoint.Health, _ workload: Workload) {
      for port in spec.ports {
        endpoints.append(entry.endpoint(for: port, health, workload))
      }
    }
    if let labels = spec.workloadSelector {
      for one in selected(Selection(namespace: service.namespace, labels: labels))
      where service.isDNS || !one.entry.isOnlyForDNS {
        add(one.entry, one.health, one.workload)
      }
    } else {
      endpoints.reserveCapacity(spec.endpoints.count * spec.ports.count)
      // Hosts of one ServiceEntry share theirs.
      let workloads =
        spec.hosts.count > 1
        ? inline(id)
        : Self.workloads(of: spec.endpoints, in: id, mesh: names(.own), sharing: recurring)
      for place in workloads.indices { add(spec.endpoints[place], .unknown, workloads[place]) }
    }
    // istiod makes a service of each address, and all have all endpoints.
    let count = spec.addressCount
    return count == 1 ? endpoints : Array(repeatElement(endpoints, count: count).joined())
  }

  /// What runs behind the endpoints that are written into a ServiceEntry.
  private static func workloads(
    of endpoints: [WorkloadEntry], in id: NamespacedName, mesh: MeshNames,
    sharing recurring: RecurringTraits
  ) -> [Workload] {
    endpoints.indices.map { place in
      Workload(
        endpoints[place], labels: endpoints[place].labels,
        name: .written {
          $0.add(id.name)
          $0.add("-")
          $0.add(place)
        }, namespace: id.namespace, mesh: mesh, sharing: recurring)
    }
  }

  /// A host that stands for itself, looked up by the proxy.
  private func hostEndpoints(
    of service: MeshService, _ entry: Object<ServiceEntry>
  ) -> [ServiceEndpoint] {
    let workload = Workload(hostOf: entry, mesh: names(.own), sharing: recurring)
    return entry.spec.ports.map { port in
      ServiceEndpoint(
        address: .hostname(service.host, port: port.target), portName: port.name, weight: 1,
        health: .unknown, portNumber: UInt16(clamping: port.number), workload: workload)
    }
  }

  /// WorkloadEntries that a Kubernetes Service selects, port by port.
  func endpoints(selectedBy service: MeshService) -> [ServiceEndpoint] {
    guard service.resolution == .clientSide, !service.isMeshExternal, !service.selector.isEmpty
    else { return [] }
    let entries = Self.entries(of: service.selector, in: service.namespace, indexes: indexes)
    return service.ports.flatMap { port in
      entries.compactMap { id -> ServiceEndpoint? in
        guard let entry = store.workloadEntries[id]?.spec, !entry.isOnlyForDNS,
          let workload = workload(id), let target = entry.target(of: port)
        else { return nil }
        return ServiceEndpoint(
          address: entry.endpointAddress(port: target), portName: port.name,
          weight: max(entry.weight, 1), health: .unknown, workload: workload)
      }
    }
  }

  /// WorkloadEntries with all of the labels, by name.
  private static func entries(
    of labels: [String: String], in namespace: String, indexes: EndpointIndexes
  ) -> [NamespacedName] {
    var groups: [[NamespacedName]] = []
    for label in labels {
      let group = indexes.workloadEntries[LabelInNamespace(namespace, label)]
      // As of most labels, which only pods have.
      guard !group.isEmpty else { return [] }
      groups.append(group)
    }
    guard let smallest = groups.min(by: { $0.count < $1.count }) else { return [] }
    return smallest.filter { id in groups.allSatisfy { $0.contains(id) } }
  }

  /// Pods of any cluster that are ready and have all of the labels, by name.
  private static func pods(
    of selection: Selection, store: ObjectStore, indexes: EndpointIndexes,
    workload: (LocatedName) -> Workload?
  ) -> [Selected] {
    let clusters = [.own] + store.remoteClusters.map(KubernetesCluster.remote)
    let ids = clusters.flatMap { cluster in
      indexes.pods[LocatedNamespace(selection.namespace, in: cluster)].map(\.id).sorted()
    }
    return ids.compactMap { id in
      guard let pod = store.pods[id], pod.isEndpoint,
        selection.labels.allSatisfy({ pod.metadata.labels[$0.key] == $0.value }),
        let workload = workload(id)
      else { return nil }
      return Selected(
        entry: WorkloadEntry(address: pod.spec.address, ports: pod.namedPorts),
        health: .healthy, workload: workload)
    }
  }
}

extension WorkloadEntry {
  fileprivate func endpoint(
    for port: ServiceEntry.Port, _ health: ServiceEndpoint.Health, _ workload: Workload
  ) -> ServiceEndpoint {
    ServiceEndpoint(
      address: endpointAddress(port: target(of: port)), portName: port.name,
      weight: max(weight, 1), health: health, portNumber: UInt16(clamping: port.number),
      workload: workload)
  }
}

extension ServiceEntry {
  /// How many services istiod makes of a host: one for each address, which a range of one is, too.
  fileprivate var addressCount: Int {
    guard addresses.count > 1 else { return 1 }
    let names = addresses.compactMap { text in
      CIDR(text).map {
        $0.isWhole && text.utf8.contains(UInt8(ascii: "/")) ? $0.address.text : text
      }
    }
    return Set(names).count
  }
}

extension ServiceEntry.Port {
  fileprivate var target: Int { targetPort.flatMap { $0 > 0 ? $0 : nil } ?? number }
}

extension WorkloadEntry {
  /// The workload's own port of that name, else the service's target port.
  func target(of port: ServiceEntry.Port) -> Int {
    let own = ports[port.name] ?? 0
    return own > 0 ? own : port.target
  }

  /// A name in targetPort must be one of the entry's ports; else the entry's port of the service
  /// port's name, or the number.
  fileprivate func target(of port: ServicePort) -> Int? {
    switch port.targetPort {
    case .name(let name): ports[name]
    case .number(let number) where number > 0: ports[port.name] ?? number
    case .number, nil: ports[port.name] ?? port.number
    }
  }
}

extension Object where Spec == Pod {
  var namedPorts: [String: Int] {
    spec.ports.reduce(into: [:]) { ports, port in
      if let name = port.name, port.transport == .tcp, ports[name] == nil {
        ports[name] = port.containerPort
      }
    }
  }

  /// Ready, and not at its end.
  var isEndpoint: Bool {
    spec.isReady == true && metadata.deletionTimestamp == nil && !spec.isOver
  }
}
