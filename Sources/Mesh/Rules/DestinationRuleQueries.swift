internal import Store

/// Which DestinationRule holds for a host, by who asks.
package final class DestinationRuleQueries {
  private let store: ObjectStore
  private let options: MeshModel.Options

  init(_ store: ObjectStore, options: MeshModel.Options) {
    self.store = store
    self.options = options
  }

  /// The rule for requests to a service from proxies of the class.
  package func rule(for service: ServiceKey, seenBy proxies: ProxyClass) -> SelectedRule? { nil }

  /// What holds for requests to one port of a service, or of one of its subsets.
  package func policy(
    for service: ServiceKey, port: Int, subset: String? = nil, seenBy proxies: ProxyClass
  ) -> EffectivePolicy {
    let rule = rule(for: service, seenBy: proxies)
    let policy = EffectivePolicy(rule?.trafficPolicy, port: port)
      .filled(with: store.meshConfig.defaultTrafficPolicy)
    return policy.overridden(
      by: subset.flatMap { rule?.subset(named: $0) }?.trafficPolicy, port: port)
  }
}
