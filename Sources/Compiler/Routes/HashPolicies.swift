internal import EnvoyAPI
internal import Resources

/// What of a request is hashed to choose the endpoint; nil where the rule leaves the key out. A source
/// address that is not to be used stays as an empty policy, which hashes nothing.
func hashPolicy(
  _ hash: LoadBalancerSettings.ConsistentHash
) -> Envoy.RouteAction.HashPolicy? {
  switch hash.key {
  case nil: nil
  case .useSourceIP(let isUsed):
    .init(policySpecifier: .connectionProperties(.init(sourceIp: isUsed)))
  case .httpHeaderName(let name): .init(policySpecifier: .header(.init(headerName: name)))
  case .httpQueryParameterName(let name):
    .init(policySpecifier: .queryParameter(.init(name: name)))
  case .httpCookie(let cookie):
    .init(
      policySpecifier: .cookie(
        .init(
          name: cookie.name, ttl: cookie.ttl, path: cookie.path ?? "",
          attributes: cookie.attributes.map { .init(name: $0.name, value: $0.value) })))
  }
}
