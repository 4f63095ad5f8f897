/// Which of a service's endpoints takes a request.
package struct LoadBalancerSettings: Hashable, Sendable {
  package var policy: Policy?
  package var localityLbSetting: LocalityLoadBalancerSetting?
  package var zoneAwareLbSetting: ZoneAwareLoadBalancerSetting?
  /// Deprecated form of `warmup`: the duration alone.
  package var warmupDurationSecs: Duration?
  package var warmup: WarmupConfiguration?

  package init(
    policy: Policy? = nil, localityLbSetting: LocalityLoadBalancerSetting? = nil,
    zoneAwareLbSetting: ZoneAwareLoadBalancerSetting? = nil, warmupDurationSecs: Duration? = nil,
    warmup: WarmupConfiguration? = nil
  ) {
    self.policy = policy
    self.localityLbSetting = localityLbSetting
    self.zoneAwareLbSetting = zoneAwareLbSetting
    self.warmupDurationSecs = warmupDurationSecs
    self.warmup = warmup
  }

  package enum Policy: Hashable, Sendable {
    case simple(Simple)
    case consistentHash(ConsistentHash)
  }

  package enum Simple: String, CaseIterable, Sendable {
    case unspecified = "UNSPECIFIED"
    case leastConn = "LEAST_CONN"
    case random = "RANDOM"
    case passthrough = "PASSTHROUGH"
    case roundRobin = "ROUND_ROBIN"
    case leastRequest = "LEAST_REQUEST"
  }

  /// Requests that are alike go to the same endpoint.
  package struct ConsistentHash: Hashable, Sendable {
    package var key: Key?
    package var algorithm: Algorithm?
    /// Deprecated; 0 is Istio's default.
    package var minimumRingSize: Int

    package init(key: Key? = nil, algorithm: Algorithm? = nil, minimumRingSize: Int = 0) {
      self.key = key
      self.algorithm = algorithm
      self.minimumRingSize = minimumRingSize
    }

    /// What makes requests alike.
    package enum Key: Hashable, Sendable {
      case httpHeaderName(String)
      case httpCookie(HTTPCookie)
      case useSourceIP(Bool)
      case httpQueryParameterName(String)
    }

    package enum Algorithm: Hashable, Sendable {
      /// 0 where the size is not given.
      case ringHash(minimumRingSize: Int)
      /// 0 where the size is not given.
      case maglev(tableSize: Int)
    }
  }

  package struct HTTPCookie: Hashable, Sendable {
    package var name: String
    package var path: String?
    package var ttl: Duration?
    /// In the order written.
    package var attributes: [Named<String>]

    package init(
      name: String, path: String? = nil, ttl: Duration? = nil, attributes: [Named<String>] = []
    ) {
      self.name = name
      self.path = path
      self.ttl = ttl
      self.attributes = attributes
    }
  }

  /// New endpoints get their share of the requests little by little.
  package struct WarmupConfiguration: Hashable, Sendable {
    package var duration: Duration?
    package var minimumPercent: Double?
    package var aggression: Double?

    package init(
      duration: Duration? = nil, minimumPercent: Double? = nil, aggression: Double? = nil
    ) {
      self.duration = duration
      self.minimumPercent = minimumPercent
      self.aggression = aggression
    }
  }
}

/// Where a failed region's requests go.
package struct RegionFailover: Hashable, Sendable {
  package var from: String
  package var to: String

  package init(from: String, to: String) {
    self.from = from
    self.to = to
  }
}

/// How the place of endpoints weighs.
package struct LocalityLoadBalancerSetting: Hashable, Sendable {
  package var distribute: [Distribute]
  package var failover: [RegionFailover]
  /// Labels, or `label=value`, in order of weight.
  package var failoverPriority: [FailoverLabel]
  package var enabled: Bool?

  package init(
    distribute: [Distribute] = [], failover: [RegionFailover] = [],
    failoverPriority: [FailoverLabel] = [], enabled: Bool? = nil
  ) {
    self.distribute = distribute
    self.failover = failover
    self.failoverPriority = failoverPriority
    self.enabled = enabled
  }

  /// Shares of the requests that come from one locality.
  package struct Distribute: Hashable, Sendable {
    /// `region/zone/subzone`, `*` for any.
    package var from: String
    /// Percent by locality, sorted by locality.
    package var to: [Named<Int>]

    package init(from: String, to: [Named<Int>] = []) {
      self.from = from
      self.to = to
    }
  }
}

/// A label that proxy and endpoint should have alike, and the value that stands in for the proxy's own.
package struct FailoverLabel: Hashable, Sendable {
  package var name: String
  package var value: String?

  package init(name: String, value: String? = nil) {
    self.name = name
    self.value = value
  }
}

/// Requests stay in the proxy's zone as far as its endpoints suffice.
package struct ZoneAwareLoadBalancerSetting: Hashable, Sendable {
  package var enabled: Bool?
  package var failover: [RegionFailover]
  package var failoverPriority: [FailoverLabel]
  package var minClusterSize: Int?

  package init(
    enabled: Bool? = nil, failover: [RegionFailover] = [], failoverPriority: [FailoverLabel] = [],
    minClusterSize: Int? = nil
  ) {
    self.enabled = enabled
    self.failover = failover
    self.failoverPriority = failoverPriority
    self.minClusterSize = minClusterSize
  }
}
