package import Resources
package import Store

/// The DestinationRule that holds for a host as seen by some proxies: several rules of one host merged.
package struct SelectedRule: Hashable, Sendable {
  /// The first of the merged rules: whose name appears in the configuration.
  package let source: NamespacedName
  /// Completed: no short name.
  package let host: String
  @Boxed package private(set) var trafficPolicy: TrafficPolicy?
  /// In order; no name twice.
  package let subsets: [DestinationRule.Subset]
  /// The rule holds for selected workloads only.
  package let hasWorkloadSelector: Bool

  package func subset(named name: String) -> DestinationRule.Subset? {
    subsets.first { $0.name == name }
  }

  /// The hash that a route to this host balances by: of the most specific of subset port, subset, port
  /// and rule that has one; another kind of load balancer hides nothing. `port` is the one that the
  /// route names, nil where it names none.
  package func consistentHash(
    port: Int?, subset: String?
  ) -> LoadBalancerSettings.ConsistentHash? {
    let ofSubset = subset.flatMap { self.subset(named: $0) }
    return ofSubset?.trafficPolicy?.consistentHash(port: port)
      ?? trafficPolicy?.consistentHash(port: port)
  }
}

extension TrafficPolicy {
  /// That of the port, else of all.
  fileprivate func consistentHash(port: Int?) -> LoadBalancerSettings.ConsistentHash? {
    if !portLevelSettings.isEmpty, let port,
      case .consistentHash(let hash)? = settings(forPort: port)?.loadBalancer?.policy
    {
      return hash
    }
    guard case .consistentHash(let hash)? = loadBalancer?.policy else { return nil }
    return hash
  }

  /// The first entry for a port.
  package func settings(forPort number: Int) -> PortTrafficPolicy? {
    portLevelSettings.first { $0.port == number }
  }
}
