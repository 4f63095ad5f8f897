internal import EnvoyAPI
internal import Mesh

/// What the RequestAuthentications attached to a class of proxies put in its HTTP filter chains
/// (istiod's `pilot/pkg/security/authn/policy_applier.go`).
struct TokenFilters {
  private let model: MeshModel
  private let proxies: ProxyClass

  init(_ model: MeshModel, _ proxies: ProxyClass) {
    self.model = model
    self.proxies = proxies
  }

  var http: [Envoy.HttpFilter] { [] }
  /// The clusters that keys are fetched from.
  var references: [ClusterName] { [] }
}
