internal import EnvoyAPI
internal import Mesh
internal import Resources

/// How many connections and requests a cluster may have under way.
struct ConnectionPool {
  private let pool: ConnectionPoolSettings?
  private let budget: TrafficPolicy.RetryBudget?
  private let settings: ClusterSettings
  private let isUnlimited: Bool

  init(_ plan: ClusterPlan) {
    pool = plan.policy.connectionPool
    budget = plan.policy.retryBudget
    settings = plan.settings
    isUnlimited = plan.policy.limitsNothing
  }

  var connectTimeout: Duration { pool?.tcp?.connectTimeout ?? settings.connectTimeout }

  /// What is not limited is set to the greatest number, because Envoy's own defaults are low.
  var circuitBreakers: Envoy.CircuitBreakers {
    isUnlimited ? .init(encoded: unlimited) : breakers(pool, budget)
  }

  /// The mesh's probes with the rule's over them, number by number.
  var connectionOptions: Envoy.UpstreamConnectionOptions? {
    let (mesh, own) = (settings.tcpKeepalive, pool?.tcp?.tcpKeepalive)
    guard mesh != nil || own != nil else { return nil }
    let probes = [own?.probes, mesh?.probes].compactMap { $0 }.first { $0 > 0 }
    return .init(
      tcpKeepalive: .init(
        keepaliveProbes: probes.map { UInt32(clamping: $0) },
        keepaliveTime: (own?.time ?? mesh?.time).map(seconds),
        keepaliveInterval: (own?.interval ?? mesh?.interval).map(seconds)))
  }

  private func seconds(_ duration: Duration) -> UInt32 {
    UInt32(clamping: duration.components.seconds)
  }
}

/// Those of nearly all clusters.
private let unlimited = Envoy.encode { breakers(nil, nil) }

private func breakers(
  _ pool: ConnectionPoolSettings?, _ budget: TrafficPolicy.RetryBudget?
) -> Envoy.CircuitBreakers {
  .init(thresholds: [
    .init(
      maxConnections: limit(pool?.tcp?.maxConnections),
      maxPendingRequests: limit(pool?.http?.http1MaxPendingRequests),
      maxRequests: limit(pool?.http?.http2MaxRequests),
      maxRetries: limit(pool?.http?.maxRetries),
      retryBudget: budget.map {
        .init(
          budgetPercent: .init(value: $0.percent ?? 20),
          minRetryConcurrency: $0.minRetryConcurrency > 0
            ? UInt32(clamping: $0.minRetryConcurrency) : 3,
          budgetInterval: $0.budgetInterval)
      })
  ])
}

private func limit(_ number: Int?) -> UInt32 {
  number.flatMap { $0 > 0 ? UInt32(clamping: $0) : nil } ?? .max
}
