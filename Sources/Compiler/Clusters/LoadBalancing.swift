internal import EnvoyAPI
internal import Mesh
internal import Resources

/// How a cluster picks an endpoint and leaves out failing ones (Istio's `applyLoadBalancer`,
/// `applyOutlierDetection`).
struct LoadBalancing {
  private let plan: ClusterPlan
  private var balancer: LoadBalancerSettings? { plan.policy.loadBalancer }
  private var outliers: OutlierDetection? { plan.policy.outlierDetection }

  init(_ plan: ClusterPlan) { self.plan = plan }

  // MARK: Choice

  var policy: Envoy.Cluster.LbPolicy {
    if plan.discovery == .originalDestination || plan.discovery == .dynamicForwardProxy {
      return .clusterProvided
    }
    switch balancer?.policy {
    case .consistentHash(let hash):
      if case .maglev = hash.algorithm { return .maglev }
      return .ringHash
    case .simple(.random): return .random
    case .simple(.roundRobin): return .roundRobin
    case .simple(.passthrough): return .clusterProvided
    case .simple(.leastConn), .simple(.leastRequest), .simple(.unspecified), nil:
      return .leastRequest
    }
  }

  var config: Envoy.Cluster.LbConfig? {
    guard plan.discovery != .dynamicForwardProxy else { return nil }
    if plan.original == .originalDestination {
      guard plan.service.resolution == .passthrough, !plan.service.source.isKubernetes,
        case .number(let port) = plan.port.targetPort, port > 0
      else { return nil }
      return .originalDstLbConfig(.init(upstreamPortOverride: UInt32(clamping: port)))
    }
    switch balancer?.policy {
    case .consistentHash(let hash): return config(of: hash) ?? warmUp(of: nil)
    case .simple(let simple): return warmUp(of: simple)
    case nil: return warmUp(of: nil)
    }
  }

  private func config(
    of hash: LoadBalancerSettings.ConsistentHash
  ) -> Envoy.Cluster.LbConfig? {
    switch hash.algorithm {
    case .maglev(let size):
      size == 0 ? nil : .maglevLbConfig(.init(tableSize: UInt64(clamping: size)))
    case .ringHash(let size):
      size == 0 ? nil : .ringHashLbConfig(.init(minimumRingSize: UInt64(clamping: size)))
    case nil:
      .ringHashLbConfig(
        .init(
          minimumRingSize: hash.minimumRingSize == 0
            ? 1024 : UInt64(clamping: hash.minimumRingSize)))
    }
  }

  private func warmUp(of simple: LoadBalancerSettings.Simple?) -> Envoy.Cluster.LbConfig? {
    guard let slowStart else { return nil }
    return switch simple {
    case .roundRobin: .roundRobinLbConfig(.init(slowStartConfig: slowStart))
    case .random, .passthrough: nil
    case .leastConn, .leastRequest, .unspecified, nil:
      .leastRequestLbConfig(.init(slowStartConfig: slowStart))
    }
  }

  private var slowStart: Envoy.Cluster.SlowStartConfig? {
    if let warmup = balancer?.warmup {
      return .init(
        slowStartWindow: warmup.duration,
        aggression: .init(defaultValue: warmup.aggression ?? 1, runtimeKey: "("),
        minWeightPercent: .init(value: warmup.minimumPercent ?? 10))
    }
    return balancer?.warmupDurationSecs.map { .init(slowStartWindow: $0) }
  }

  // MARK: What all choices share

  var common: Envoy.Cluster.CommonLbConfig? {
    guard plan.discovery != .dynamicForwardProxy else { return nil }
    let keepsDraining = plan.subset == nil && plan.service.keepsDrainingEndpoints
    return .init(
      healthyPanicThreshold: .init(value: Double(panicThreshold)),
      localityConfigSpecifier: locality,
      overrideHostStatus: keepsDraining && !plan.isSNIDNAT
        ? .init(statuses: [.healthy, .draining, .unknown, .degraded]) : nil)
  }

  /// Unhealthy endpoints are sent along, so Envoy must not fall back to them in a panic, unless a
  /// percentage of healthy ones is asked for.
  private var panicThreshold: Int {
    plan.service.trafficDistribution == nil ? outliers?.minHealthPercent ?? 0 : 0
  }

  private var locality: Envoy.Cluster.CommonLbConfig.LocalityConfigSpecifier? {
    switch plan.settings.localityPreference(balancer, of: plan.service) {
    case .locality(let setting, let isForced):
      let failsOver = isForced || outliers != nil
      let isStated = !setting.failover.isEmpty || !setting.failoverPriority.isEmpty
      return failsOver && isStated || !setting.distribute.isEmpty
        ? .localityWeightedLbConfig(.init()) : nil
    case .zoneAware(let setting):
      return .zoneAwareLbConfig(
        .init(
          routingEnabled: setting.enabled == false ? .init(value: 0) : nil,
          minClusterSize: setting.minClusterSize.map { UInt64(clamping: $0) }))
    case nil: return nil
    }
  }

  // MARK: Failing endpoints

  var outlierDetection: Envoy.OutlierDetection? {
    guard let outliers else { return nil }
    let splits = outliers.splitExternalLocalOriginErrors
    let localFailures = splits ? positive(outliers.consecutiveLocalOriginFailures) : nil
    return .init(
      consecutive5xx: count(outliers.consecutive5xxErrors),
      interval: outliers.interval,
      baseEjectionTime: outliers.baseEjectionTime,
      maxEjectionPercent: positive(outliers.maxEjectionPercent),
      enforcingConsecutive5xx: enforcing(outliers.consecutive5xxErrors),
      enforcingSuccessRate: 0,
      consecutiveGatewayFailure: count(outliers.consecutiveGatewayErrors),
      enforcingConsecutiveGatewayFailure: enforcing(outliers.consecutiveGatewayErrors),
      splitExternalLocalOriginErrors: splits,
      consecutiveLocalOriginFailure: localFailures,
      enforcingConsecutiveLocalOriginFailure: localFailures.map { _ in 100 },
      enforcingLocalOriginSuccessRate: splits ? 0 : nil)
  }

  private func count(_ number: Int?) -> UInt32? { number.map { UInt32(clamping: $0) } }
  private func enforcing(_ number: Int?) -> UInt32? { number.map { $0 > 0 ? 100 : 0 } }
  private func positive(_ number: Int?) -> UInt32? {
    number.flatMap { $0 > 0 ? UInt32(clamping: $0) : nil }
  }
}
