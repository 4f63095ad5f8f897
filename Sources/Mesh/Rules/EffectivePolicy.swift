package import Resources

/// What holds for one port of a host, or of one subset of it, after rule, port, subset and the mesh's
/// defaults were laid over each other.
package struct EffectivePolicy: Hashable, Sendable {
  @Boxed package var loadBalancer: LoadBalancerSettings?
  @Boxed package var connectionPool: ConnectionPoolSettings?
  @Boxed package var outlierDetection: OutlierDetection?
  @Boxed package var tls: ClientTLSSettings?
  @Boxed package var tunnel: TrafficPolicy.TunnelSettings?
  package var proxyProtocol: TrafficPolicy.ProxyProtocolVersion?
  @Boxed package var retryBudget: TrafficPolicy.RetryBudget?

  package init() {}

  /// The rule's policy for a port: an entry of `portLevelSettings` takes the place of the whole.
  package init(_ policy: TrafficPolicy?, port: Int) {
    guard let policy else { return }
    if let settings = policy.settings(forPort: port) {
      take(settings)
    } else {
      take(policy)
    }
  }

  /// The mesh's blocks and no others.
  init(defaults: MeshConfig.DefaultTrafficPolicy) {
    connectionPool = defaults.connectionPool
    outlierDetection = defaults.outlierDetection
  }

  /// The mesh's blocks where this has none.
  func filled(with defaults: EffectivePolicy) -> EffectivePolicy {
    var filled = self
    filled.$connectionPool = $connectionPool.or(defaults.$connectionPool)
    filled.$outlierDetection = $outlierDetection.or(defaults.$outlierDetection)
    return filled
  }

  /// What a subset says, over what holds for the host; a port entry of the subset replaces all four
  /// blocks, and what the subset says besides does not count then.
  package func overridden(by subset: TrafficPolicy?, port: Int) -> EffectivePolicy {
    guard let subset else { return self }
    var result = self
    if let settings = subset.settings(forPort: port) {
      result.take(settings)
    } else {
      result.$loadBalancer = subset.$loadBalancer.or($loadBalancer)
      result.$connectionPool = subset.$connectionPool.or($connectionPool)
      result.$outlierDetection = subset.$outlierDetection.or($outlierDetection)
      result.$tls = subset.$tls.or($tls)
      result.$tunnel = subset.$tunnel.or($tunnel)
      result.proxyProtocol = subset.proxyProtocol ?? proxyProtocol
      result.$retryBudget = subset.$retryBudget.or($retryBudget)
    }
    return result
  }

  private mutating func take(_ policy: TrafficPolicy) {
    $loadBalancer = policy.$loadBalancer
    $connectionPool = policy.$connectionPool
    $outlierDetection = policy.$outlierDetection
    $tls = policy.$tls
    $tunnel = policy.$tunnel
    proxyProtocol = policy.proxyProtocol
    $retryBudget = policy.$retryBudget
  }

  private mutating func take(_ settings: TrafficPolicy.PortTrafficPolicy) {
    $loadBalancer = settings.$loadBalancer
    $connectionPool = settings.$connectionPool
    $outlierDetection = settings.$outlierDetection
    $tls = settings.$tls
  }
}
