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

/// What runs behind an address: a pod, a WorkloadEntry, an endpoint of a ServiceEntry; shared by its
/// ports.
package final class Workload: Hashable, Sendable {
  package let name: String
  package let namespace: String
  package let clusterID: String
  /// With those of place, cluster and network: what subsets and failover priorities look at.
  package let labels: [String: String]
  package let localityText: String
  package let locality: NodeLocality
  package let network: String
  /// It takes mutual TLS with the mesh's certificates.
  package let takesMutualTLS: Bool
  /// Its SPIFFE identity.
  package let identity: String?
  package let nodeName: String?
  /// It is being emptied, as a label of it says.
  package let isDraining: Bool
  /// What telemetry says of it: `name;namespace;service;revision;cluster`.
  package let telemetryText: String

  init(
    name: String, namespace: String, clusterID: String, labels: [String: String],
    localityText: String, network: String, takesMutualTLS: Bool, identity: String?,
    nodeName: String?
  ) {
    self.name = name
    self.namespace = namespace
    self.clusterID = clusterID
    let labels = Topology.labels(
      labels, clusterID: clusterID, localityText: localityText, node: nodeName, network: network)
    self.labels = labels
    isDraining = labels["istio.io/draining"]?.isEmpty == false
    let revision = Self.canonicalRevision(labels)
    telemetryText = [
      name, namespace, Self.canonicalName(labels) ?? name, revision == "latest" ? "" : revision,
      clusterID,
    ].joined(separator: ";")
    self.localityText = localityText
    locality = NodeLocality(text: localityText)
    self.network = network
    self.takesMutualTLS = takesMutualTLS
    self.identity = identity
    self.nodeName = nodeName
  }

  /// What telemetry calls the service that a workload is part of: by label, else the workload's name.
  private static func canonicalName(_ labels: [String: String]) -> String? {
    labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"]
  }

  private static func canonicalRevision(_ labels: [String: String]) -> String {
    labels["service.istio.io/canonical-revision"] ?? labels["app.kubernetes.io/version"]
      ?? labels["version"] ?? "latest"
  }

  package static func == (a: Workload, b: Workload) -> Bool {
    a === b
      || (a.name == b.name && a.namespace == b.namespace && a.clusterID == b.clusterID
        && a.labels == b.labels && a.localityText == b.localityText && a.network == b.network
        && a.takesMutualTLS == b.takesMutualTLS && a.identity == b.identity
        && a.nodeName == b.nodeName)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(namespace)
    hasher.combine(identity)
  }
}
