internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// What the AuthorizationPolicies attached to a class of proxies put in its filter chains (istiod's
/// `pilot/pkg/security/authz/builder`), encoded once for all classes that have the same ones.
final class AuthorizationFilters {
  private let model: MeshModel
  private let encoded: Derived<Key, EncodedAuthorization>

  private struct Key: Digested {
    let policies: [NamespacedName]
    let layer: AuthorizationLayer
  }

  private struct RulesKey: Digested {
    let policy: NamespacedName
    let layer: AuthorizationLayer
    let use: EncodedRules.Use
  }

  init(_ model: MeshModel) {
    self.model = model
    let policies = model.store.authorizationPolicies
    let trustDomains = Single<TrustDomains>(model.graph, "trustDomains") {
      TrustDomains(model.store.meshConfig)
    }
    let rules = Derived<RulesKey, EncodedRules>(model.graph, "authorizationRules") { key in
      EncodedRules(policies[key.policy], key.layer, key.use, trustDomains())
    }
    encoded = Derived(model.graph, "authorizationFilters") { key in
      EncodedAuthorization(key.policies.compactMap { policies[$0] }, key.layer, model) { id, use in
        rules(RulesKey(policy: id, layer: key.layer, use: use)).bytes
      }
    }
  }

  /// Of action CUSTOM, which come before tokens are looked at.
  func customHTTP(_ proxies: ProxyClass) -> [Envoy.HttpFilter] {
    filters(proxies, .requests).custom.map { Envoy.HttpFilter(encoded: $0) }
  }

  /// AUDIT, DENY, ALLOW.
  func http(_ proxies: ProxyClass) -> [Envoy.HttpFilter] {
    filters(proxies, .requests).own.map { Envoy.HttpFilter(encoded: $0) }
  }

  func customNetwork(_ proxies: ProxyClass) -> [Envoy.Filter] {
    filters(proxies, .connections).custom.map { Envoy.Filter(encoded: $0) }
  }

  func network(_ proxies: ProxyClass) -> [Envoy.Filter] {
    filters(proxies, .connections).own.map { Envoy.Filter(encoded: $0) }
  }

  /// The cluster of the provider that is asked about requests, or about connections.
  func references(_ proxies: ProxyClass, _ layer: AuthorizationLayer) -> [ClusterName] {
    filters(proxies, layer).references
  }

  private func filters(_ proxies: ProxyClass, _ layer: AuthorizationLayer) -> EncodedAuthorization {
    encoded(Key(policies: model.policies.authorization.rootFirst(proxies), layer: layer))
  }
}

/// What a filter judges: requests in HTTP chains, whole connections in others.
enum AuthorizationLayer: Hashable {
  case requests, connections
}
