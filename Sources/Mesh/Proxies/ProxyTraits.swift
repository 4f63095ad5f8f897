internal import Incremental
package import Resources
package import Store

/// All of a proxy that a compile may read, and nothing else: proxies with equal traits are sent the
/// same bytes.
package struct ProxyTraits: Hashable, Sendable {
  /// The families of the proxy's own addresses.
  package enum AddressFamilies: Hashable, Sendable {
    case v4, v6, dual
  }

  package let type: ProxyType
  /// The namespace whose configuration the proxy sees: NAMESPACE, else from the DNS domain.
  package let namespace: String
  /// `<namespace>.svc.<cluster domain>`.
  package let dnsDomain: String
  /// The pod's labels where the pod is known, and the topology labels; what selectors are matched with.
  package let labels: [String: String]
  package let clusterID: String
  package let network: String
  package let locality: NodeLocality
  package let addressFamilies: AddressFamilies
  /// Nil for a stock Envoy, which refuses Istio's own filters.
  package let istioVersion: IstioVersion?
  /// The `cluster` of the xDS node: what tracers call the service.
  package let serviceCluster: String
  /// What OpenTelemetry's conventions call the service; empty where no tracer of the mesh follows them.
  package let conventionalServiceName: String
  /// Named ports of the proxy's pod, which a Service's targetPort may name.
  package let namedPorts: [Pod.Port]
  /// Services without selector whose slices hold one of the proxy's addresses.
  package let servicesByAddress: [NamespacedName]
  /// Of a router, the ports of ServiceEntries of its namespace that end at one of its addresses.
  package let entryTargets: [ServiceTarget]
  /// The proxy's identity was proved, or it is on this machine: it may be sent what is secret.
  package let mayHaveSecrets: Bool
  /// The proxy is sent each virtual host by itself (VHDS), beside route configurations without any.
  package let takesVirtualHosts: Bool
  /// The node's metadata without what names this one proxy (addresses, names, labels, the raw tree).
  package let metadata: NodeMetadata
  /// Texts of the node's metadata that EnvoyFilters of the mesh look at, and no others.
  package let matchedMetadata: [String: String]
}

/// A proxy's traits, once for all proxies that have the same: the key of everything compiled. Two
/// classes of one ``ProxyQueries`` are equal only when they are the same object, which makes them
/// cheap to look up by.
package final class ProxyClass: Digested, Sendable {
  package let traits: ProxyTraits

  init(_ traits: ProxyTraits) { self.traits = traits }

  package static func == (a: ProxyClass, b: ProxyClass) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  package var digest: UInt64 {
    UInt64(UInt(bitPattern: ObjectIdentifier(self))).mixed(with: 0)
  }
}
