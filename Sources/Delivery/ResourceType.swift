/// The kinds of resource a client can subscribe to, in the order a change is pushed: what is named
/// comes before what names it (xDS "Eventual consistency considerations").
package enum ResourceType: Int, CaseIterable, Hashable, Sendable {
  case cluster
  case endpoints
  case listener
  case routes
  case virtualHost
  case secret
  case extensionConfig

  package init?(typeURL: String) {
    guard let type = ResourceType.allCases.first(where: { $0.typeURL == typeURL }) else {
      return nil
    }
    self = type
  }

  package var typeURL: String {
    switch self {
    case .cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    case .endpoints: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
    case .listener: "type.googleapis.com/envoy.config.listener.v3.Listener"
    case .routes: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
    case .virtualHost: "type.googleapis.com/envoy.config.route.v3.VirtualHost"
    case .secret: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
    case .extensionConfig: "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"
    }
  }

  /// What dashboards and istioctl call the discovery service of the type.
  package var serviceName: String {
    switch self {
    case .cluster: "CDS"
    case .endpoints: "EDS"
    case .listener: "LDS"
    case .routes: "RDS"
    case .virtualHost: "VHDS"
    case .secret: "SDS"
    case .extensionConfig: "ECDS"
    }
  }

  /// Whether all there is can be asked for, with "*" or with a first request that names nothing.
  ///
  /// Clusters and listeners are the roots of a client's configuration; a state-of-the-world response
  /// of them is the whole state, so that what it leaves out is deleted. Virtual hosts come over delta
  /// streams only, and Envoy names none: it asks for those of all its route configurations at once.
  package var isRoot: Bool {
    switch self {
    case .cluster, .listener, .virtualHost: true
    case .endpoints, .routes, .secret, .extensionConfig: false
    }
  }

  /// Whether resources of the type can send traffic to a cluster by its name.
  var namesClusters: Bool { ResourceType.cluster.users.contains(self) }

  /// The types whose resources name resources of this type. One of this type may go only when none
  /// of them needs it any more.
  var users: [ResourceType] {
    switch self {
    case .cluster: [.listener, .routes, .virtualHost, .extensionConfig]
    case .endpoints: [.cluster]
    case .listener: []
    case .routes: [.listener]
    // Nothing names one. What is gone goes in the response that brings what takes its domains, which
    // Envoy would refuse beside it.
    case .virtualHost: []
    case .secret: [.cluster, .listener]
    case .extensionConfig: [.listener]
    }
  }
}
