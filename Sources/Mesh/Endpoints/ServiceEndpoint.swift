package import Resources

/// One port of one workload behind a service.
package struct ServiceEndpoint: Hashable, Sendable {
  package let address: Address
  /// The service's name for the port.
  package let portName: String
  package let weight: Int
  package let health: Health
  /// The service's number for the port, of one that a ServiceEntry names: DNS clusters go by it, since
  /// several entries of a host may use one name for different ports.
  package var portNumber: UInt16?
  package let workload: Workload

  package enum Address: Hashable, Sendable {
    case socket(ip: String, port: Int)
    /// Looked up by the proxy; only in DNS clusters.
    case hostname(String, port: Int)
    case pipe(path: String)
    /// Reached by its network's gateway alone.
    case absent
  }

  /// What Kubernetes says of an endpoint; Envoy makes up its own mind besides.
  package enum Health: Hashable, Sendable {
    case unknown
    case healthy
    case unhealthy
    case draining
    /// Never sent.
    case terminating
  }
}

/// What runs behind an address: a pod, a WorkloadEntry, an endpoint of a ServiceEntry.
package struct Workload: Hashable, Sendable {
  package let name: String
  /// All but the name, which most have in common with others.
  package let traits: WorkloadTraits

  init(name: String, _ traits: WorkloadTraits) {
    self.name = name
    self.traits = traits
  }

  package var namespace: String { traits.namespace }
  package var clusterID: String { traits.site.clusterID }
  package var labels: WorkloadLabels { traits.labels }
  package var localityText: String { traits.site.localityText }
  package var locality: NodeLocality { traits.site.locality }
  package var network: String { traits.site.network }
  /// It takes mutual TLS with the mesh's certificates.
  package var takesMutualTLS: Bool { traits.takesMutualTLS }
  /// Its SPIFFE identity.
  package var identity: String? { traits.identity }
  package var nodeName: String? { traits.site.nodeName }
  /// It is being emptied, as a label of it says.
  package var isDraining: Bool { traits.isDraining }
  /// What telemetry says of it: `name;namespace;service;revision;cluster`.
  package var telemetryText: String { traits.telemetryText(of: name) }

  /// Whether all is known to be alike at a glance; they may be alike if not.
  package func isCopy(of other: Workload) -> Bool {
    traits === other.traits && name == other.name
  }

  package static func == (a: Workload, b: Workload) -> Bool {
    a.name == b.name && a.traits == b.traits
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(traits)
  }
}
