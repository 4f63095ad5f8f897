/// The identity that an Envoy sends with its first request: who it is, where, and what it can do.
package struct ProxyNode: Hashable, Sendable {
  package var type: ProxyType
  /// The third part of the id: by convention `pod.namespace`.
  package var id: String
  /// From INSTANCE_IPS, or where those are not addresses from the id. Never empty.
  package var ipAddresses: [String]
  package var dnsDomain: String
  /// NAMESPACE, or the first label of the DNS domain; empty where there is neither.
  package var configNamespace: String
  /// Nil for a stock Envoy, which is not sent what only Istio's build can read.
  package var istioVersion: IstioVersion?
  package var metadata: NodeMetadata
  /// The `cluster` of the xDS node: what tracers call the service.
  package var cluster: String
  package var locality: NodeLocality?

  package init(
    type: ProxyType, id: String, ipAddresses: [String] = [], dnsDomain: String,
    configNamespace: String, istioVersion: IstioVersion? = nil, metadata: NodeMetadata,
    cluster: String = "", locality: NodeLocality? = nil
  ) {
    self.type = type
    self.id = id
    self.ipAddresses = ipAddresses
    self.dnsDomain = dnsDomain
    self.configNamespace = configNamespace
    self.istioVersion = istioVersion
    self.metadata = metadata
    self.cluster = cluster
    self.locality = locality
  }
}

package enum ProxyType: String, CaseIterable, Sendable {
  case sidecar = "sidecar"
  case router = "router"
  case waypoint = "waypoint"
  case ztunnel = "ztunnel"
  case agentGateway = "agentgateway"
}

/// The `locality` of the xDS node.
package struct NodeLocality: Hashable, Sendable {
  package var region: String
  package var zone: String
  package var subzone: String

  package init(region: String = "", zone: String = "", subzone: String = "") {
    self.region = region
    self.zone = zone
    self.subzone = subzone
  }
}

/// The version of Istio that a proxy was built with. What cannot be read counts as newest.
package struct IstioVersion: Hashable, Comparable, Sendable {
  package var major: Int
  package var minor: Int
  package var patch: Int

  package init(major: Int, minor: Int, patch: Int = 65535) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  package static let newest = IstioVersion(major: 65535, minor: 65535, patch: 65535)

  package static func < (a: IstioVersion, b: IstioVersion) -> Bool {
    (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
  }
}
