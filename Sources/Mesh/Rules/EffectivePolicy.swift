package import Resources

/// What holds for one port of a host, or of one subset of it, after rule, port, subset and the mesh's
/// defaults were laid over each other. A class that never changes: each cluster is made with it, most
/// with that of the mesh's defaults.
package final class EffectivePolicy: Hashable, Sendable {
  private let blocks: PolicyBlocks

  package var loadBalancer: LoadBalancerSettings? { blocks.loadBalancer }
  package var connectionPool: ConnectionPoolSettings? { blocks.connectionPool }
  package var outlierDetection: OutlierDetection? { blocks.outlierDetection }
  package var tls: ClientTLSSettings? { blocks.tls }
  package var tunnel: TrafficPolicy.TunnelSettings? { blocks.tunnel }
  package var proxyProtocol: TrafficPolicy.ProxyProtocolVersion? { blocks.proxyProtocol }
  package var retryBudget: TrafficPolicy.RetryBudget? { blocks.retryBudget }

  package var setsLoadBalancer: Bool { blocks.$loadBalancer.isSet }
  package var setsTLS: Bool { blocks.$tls.isSet }
  /// Of connections nothing is said.
  package var limitsNothing: Bool {
    !blocks.$connectionPool.isSet && !blocks.$retryBudget.isSet
  }

  private init(_ blocks: PolicyBlocks) { self.blocks = blocks }

  /// The rule's policy for a port: an entry of `portLevelSettings` takes the place of the whole.
  package convenience init(_ policy: TrafficPolicy?, port: Int) {
    var blocks = PolicyBlocks.none
    if let settings = policy?.settings(forPort: port) {
      blocks.take(settings)
    } else if let policy {
      blocks.take(policy)
    }
    self.init(blocks)
  }

  /// The mesh's blocks and no others.
  convenience init(defaults: MeshConfig.DefaultTrafficPolicy) {
    var blocks = PolicyBlocks.none
    blocks.connectionPool = defaults.connectionPool
    blocks.outlierDetection = defaults.outlierDetection
    self.init(blocks)
  }

  /// The mesh's blocks where this has none.
  func filled(with defaults: EffectivePolicy) -> EffectivePolicy {
    guard defaults.blocks.$connectionPool.isSet || defaults.blocks.$outlierDetection.isSet else {
      return self
    }
    var filled = blocks
    filled.$connectionPool = blocks.$connectionPool.or(defaults.blocks.$connectionPool)
    filled.$outlierDetection = blocks.$outlierDetection.or(defaults.blocks.$outlierDetection)
    return EffectivePolicy(filled)
  }

  /// What a subset says, over what holds for the host; a port entry of the subset replaces all four
  /// blocks, and what the subset says besides does not count then.
  package func overridden(by subset: TrafficPolicy?, port: Int) -> EffectivePolicy {
    guard let subset else { return self }
    var result = blocks
    if let settings = subset.settings(forPort: port) {
      result.take(settings)
    } else {
      result.take(whatIsSetOf: subset)
    }
    return EffectivePolicy(result)
  }

  package static func == (a: EffectivePolicy, b: EffectivePolicy) -> Bool {
    a === b || a.blocks == b.blocks
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(blocks) }
}

private struct PolicyBlocks: Hashable, Sendable {
  @Boxed var loadBalancer: LoadBalancerSettings?
  @Boxed var connectionPool: ConnectionPoolSettings?
  @Boxed var outlierDetection: OutlierDetection?
  @Boxed var tls: ClientTLSSettings?
  @Boxed var tunnel: TrafficPolicy.TunnelSettings?
  var proxyProtocol: TrafficPolicy.ProxyProtocolVersion?
  @Boxed var retryBudget: TrafficPolicy.RetryBudget?

  private init() {}

  /// Made once: making it asks at run time what each block would be.
  static let none = PolicyBlocks()

  mutating func take(_ policy: TrafficPolicy) {
    $loadBalancer = policy.$loadBalancer
    $connectionPool = policy.$connectionPool
    $outlierDetection = policy.$outlierDetection
    $tls = policy.$tls
    $tunnel = policy.$tunnel
    proxyProtocol = policy.proxyProtocol
    $retryBudget = policy.$retryBudget
  }

  mutating func take(whatIsSetOf policy: TrafficPolicy) {
    $loadBalancer = policy.$loadBalancer.or($loadBalancer)
    $connectionPool = policy.$connectionPool.or($connectionPool)
    $outlierDetection = policy.$outlierDetection.or($outlierDetection)
    $tls = policy.$tls.or($tls)
    $tunnel = policy.$tunnel.or($tunnel)
    proxyProtocol = policy.proxyProtocol ?? proxyProtocol
    $retryBudget = policy.$retryBudget.or($retryBudget)
  }

  mutating func take(_ settings: TrafficPolicy.PortTrafficPolicy) {
    $loadBalancer = settings.$loadBalancer
    $connectionPool = settings.$connectionPool
    $outlierDetection = settings.$outlierDetection
    $tls = settings.$tls
  }
}
