internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// The services that routes send to (istioctl's virtualservice.DestinationHostAnalyzer): whether they
/// are there and have the port.
struct DestinationReferences {
  private let hosts: KnownHosts

  init(_ model: MeshModel) { hosts = KnownHosts(model) }

  func remarks(_ id: NamespacedName, _ spot: Spot, _ destination: Destination) -> [Remark] {
    switch hosts.ports(of: destination.host, seenFrom: id.namespace) {
    case .nowhere:
      return [
        Remark(spot, ".host", .unknownDestination(destination.host), basis: .surroundings)
      ]
    case .anywhere: return []
    case .service(let ports):
      return finding(destination, ports).map { [Remark(spot, ".port", $0, basis: .surroundings)] }
        ?? []
    }
  }

  private func finding(_ destination: Destination, _ ports: [Int]) -> Finding? {
    guard let port = destination.port else {
      return ports.count > 1 ? .destinationWithoutPort(destination.host, ports: ports) : nil
    }
    return ports.contains(port)
      ? nil : .unknownDestinationPort(port, of: destination.host, ports: ports)
  }
}

/// Hosts that Services and ServiceEntries define.
struct KnownHosts {
  enum Presence: Hashable {
    case nowhere
    case service(ports: [Int])
    /// One of the hosts that a ServiceEntry's wildcard stands for.
    case anywhere
  }

  private struct Question: Hashable {
    let host: String
    let namespace: String
  }

  private let presence: Derived<Question, Presence>
  private let domain: String

  init(_ model: MeshModel) {
    let wildcards = Index<WholeMesh, WildcardEntry>(model.graph)
    wildcards.follow(model.store.serviceEntries) { id, entry in
      entry.spec.hosts.filter { HostPattern($0).isWildcard }
        .map { (WholeMesh(), WildcardEntry(host: $0, entry: id)) }
    }
    domain = model.options.clusterDomain
    presence = Derived(model.graph, "known host") { question in
      if let service = model.services.service(question.host, visibleTo: question.namespace) {
        return .service(ports: service.ports.map(\.number).sorted())
      }
      let host = HostPattern(question.host)
      return wildcards[WholeMesh()].contains { host.isCovered(by: HostPattern($0.host)) }
        ? .anywhere : .nowhere
    }
  }

  func ports(of host: String, seenFrom namespace: String) -> Presence {
    presence(
      Question(
        host: ServiceHost.completed(host, in: namespace, domain: domain), namespace: namespace))
  }
}

private struct WildcardEntry: Hashable, Comparable {
  let host: String
  let entry: NamespacedName

  static func < (a: Self, b: Self) -> Bool { (a.host, a.entry) < (b.host, b.entry) }
}
