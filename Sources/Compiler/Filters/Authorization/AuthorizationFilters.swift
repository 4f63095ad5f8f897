internal import EnvoyAPI
internal import Mesh

/// What the AuthorizationPolicies attached to a class of proxies put in its filter chains (istiod's
/// `pilot/pkg/security/authz/builder`).
struct AuthorizationFilters {
  private let model: MeshModel
  private let proxies: ProxyClass

  init(_ model: MeshModel, _ proxies: ProxyClass) {
    self.model = model
    self.proxies = proxies
  }

  /// Of action CUSTOM, which come before tokens are looked at.
  var customHTTP: [Envoy.HttpFilter] { [] }
  /// AUDIT, DENY, ALLOW.
  var http: [Envoy.HttpFilter] { [] }
  var customNetwork: [Envoy.Filter] { [] }
  var network: [Envoy.Filter] { [] }
  /// The clusters of those that are asked.
  var references: [ClusterName] { [] }
}
