internal import Incremental
internal import Resources
internal import Store

/// A service's port that ends at the proxy itself: what a Gateway's port number means in its pod.
package struct ServiceTarget: Hashable, Sendable {
  package let service: ServiceKey
  package let port: ServicePort
  /// The port in the proxy's pod.
  package let targetPort: Int
  /// Gateways may name the service's port for the pod's.
  package let translatesGatewayPorts: Bool
}

extension ServiceTarget {
  /// The ports of the proxies' own cluster's Services that select them; without any, of Services without
  /// selector whose slices hold an address of theirs; and after them those of ServiceEntries.
  static func all(
    of proxies: ProxyClass, in cluster: KubernetesCluster, services: ServiceIndexes,
    store: ObjectStore, objects: ServiceObjects
  ) -> [ServiceTarget] {
    let traits = proxies.traits
    let labels = traits.labels.sorted { $0.key < $1.key }
    let selecting = labels.flatMap { label in
      services.bySelector[
        .init(cluster: cluster, label: LabelInNamespace(traits.namespace, label))]
    }.sorted()
    let selected = selecting.flatMap { rank -> [ServiceTarget] in
      let id = LocatedName(rank.id, in: cluster)
      guard let service = store.services[id], let mesh = objects.kubernetesService(id),
        service.spec.selector.allSatisfy({ traits.labels[$0.key] == $0.value })
      else { return [] }
      return all(of: mesh) { index in
        resolved(service.spec.ports[index], named: traits.namedPorts)
      }
    }
    guard selected.isEmpty else { return selected + traits.entryTargets }
    let addressed = traits.servicesByAddress.flatMap { name -> [ServiceTarget] in
      let id = LocatedName(name, in: cluster)
      guard let service = store.services[id], let mesh = objects.kubernetesService(id) else {
        return []
      }
      return all(of: mesh) { index in
        resolved(service.spec.ports[index], named: traits.namedPorts)
      }
    }
    return addressed + traits.entryTargets
  }

  /// The ports of a ServiceEntry's hosts at one of its workloads.
  static func all(of entry: Object<ServiceEntry>, at workload: WorkloadEntry) -> [ServiceTarget] {
    entry.spec.hosts.flatMap { host in
      entry.spec.ports.map { port in
        ServiceTarget(
          service: ServiceKey(host: host, namespace: entry.metadata.namespace),
          port: ServicePort(
            number: port.number, name: port.name, portProtocol: port.portProtocol),
          targetPort: workload.target(of: port),
          translatesGatewayPorts: entry.metadata.labels[untranslated] == nil)
      }
    }
  }

  /// The label of services whose ports Gateways may not name for the pods'.
  private static let untranslated = "experimental.istio.io/disable-gateway-port-translation"

  /// Of ports that end at the same one, the first.
  private static func all(
    of service: MeshService, target: (Int) -> Int?
  ) -> [ServiceTarget] {
    struct End: Hashable {
      let port: Int
      let portProtocol: PortProtocol
    }
    var ends: Set<End> = []
    return service.ports.indices.compactMap { index in
      let port = service.ports[index]
      guard let target = target(index),
        ends.insert(End(port: target, portProtocol: port.portProtocol)).inserted
      else { return nil }
      return ServiceTarget(
        service: service.key, port: port, targetPort: target,
        translatesGatewayPorts: service.labels[untranslated] == nil)
    }
  }

  /// The number behind a targetPort; a name is looked up among the containers' ports.
  private static func resolved(_ port: Service.Port, named: [Pod.Port]) -> Int? {
    switch port.targetPort {
    case nil: port.port
    case .number(let number): number == 0 ? port.port : number
    case .name(let name):
      named.first { $0.name == name && ($0.transport ?? .tcp) == port.transport }?.containerPort
    }
  }
}
