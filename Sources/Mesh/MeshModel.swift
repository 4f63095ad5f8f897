package import Incremental
package import Store

/// What the mesh's objects mean together: names resolved, conflicts settled, visibility decided. All
/// of it is derived from the store, by queries that the compiler reads through.
package final class MeshModel {
  package let store: ObjectStore
  package let options: Options
  package let proxies: ProxyQueries
  package let virtualServices: VirtualServiceQueries
  package let gateways: GatewayQueries
  package let services: ServiceQueries
  package let rules: DestinationRuleQueries
  package let networks: NetworkQueries
  package let endpoints: EndpointQueries
  package let policies: PolicyQueries
  package let envoyFilters: EnvoyFilterQueries

  /// Whether a gateway answers 421 where a request for one host comes over a connection for another.
  package enum MisdirectedRequests: String, Hashable, Sendable, CaseIterable {
    /// Stock Envoys do; a proxy of Istio's is sent exactly what istiod sends it.
    case auto
    case on
    case off
  }

  /// What is said on the command line and never changes.
  package struct Options: Hashable, Sendable {
    /// The suffix of Kubernetes' service names, `cluster.local`.
    package let clusterDomain: String
    /// The name of the cluster whose objects these are, `Kubernetes`.
    package let clusterID: String
    /// The namespace that the control plane runs in, whose label may say the cluster's network; nil
    /// where it runs outside, as when it reads files.
    package let systemNamespace: String?
    /// Gateways' servers that end HTTPS speak HTTP/3 too, where a Service brings UDP to their port
    /// (istiod's PILOT_ENABLE_QUIC_LISTENERS).
    package let opensQUIC: Bool
    package let misdirectedRequests: MisdirectedRequests

    package init(
      clusterDomain: String = "cluster.local", clusterID: String = "Kubernetes",
      systemNamespace: String? = nil, opensQUIC: Bool = false,
      misdirectedRequests: MisdirectedRequests = .auto
    ) {
      self.clusterDomain = clusterDomain
      self.clusterID = clusterID
      self.systemNamespace = systemNamespace
      self.opensQUIC = opensQUIC
      self.misdirectedRequests = misdirectedRequests
    }
  }

  package var graph: Graph { store.graph }

  package init(_ store: ObjectStore, options: Options) {
    self.store = store
    self.options = options
    policies = PolicyQueries(store)
    envoyFilters = EnvoyFilterQueries(
      store, policies.envoyFilters, rootNamespace: policies.rootNamespace)
    virtualServices = VirtualServiceQueries(store, domain: options.clusterDomain)
    let rules = DestinationRuleQueries(store, options: options)
    self.rules = rules
    let services = ServiceQueries(
      store, options: options, mayHaveRules: { rules.maySpeak(of: $0) })
    self.services = services
    gateways = GatewayQueries(
      store, targetPort: { services.targetPort(of: $0, servicePort: $1) },
      takesUDP: { options.opensQUIC && services.takesUDP($0, servicePort: $1) })
    networks = NetworkQueries(store, options: options) { services.kubernetesService($0) }
    proxies = ProxyQueries(store, clusterID: options.clusterID, networks: networks)
    endpoints = EndpointQueries(
      store, options: options, services: services, networks: networks)
  }
}
