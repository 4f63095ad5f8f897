package import Resources

/// How the place of a service's endpoints weighs, after rule, service and mesh were asked in that
/// order (istiod's `GetEffectiveLbSetting`).
package enum LocalityPreference: Hashable, Sendable {
  /// `isForced`: the service asked for it, and outlier detection is not needed.
  case locality(LocalityLoadBalancerSetting, isForced: Bool)
  case zoneAware(ZoneAwareLoadBalancerSetting)

  /// Nil where the setting that counts is switched off.
  package init?(
    _ balancer: LoadBalancerSettings?, service: MeshService,
    meshLocality: LocalityLoadBalancerSetting?, meshZoneAware: ZoneAwareLoadBalancerSetting?
  ) {
    if let setting = balancer?.zoneAwareLbSetting {
      self = .zoneAware(setting)
    } else if let setting = balancer?.localityLbSetting {
      guard setting.enabled ?? true else { return nil }
      self = .locality(setting, isForced: false)
    } else if let distribution = service.trafficDistribution {
      self = .locality(
        .init(failoverPriority: distribution.failoverPriority, enabled: true), isForced: true)
    } else if let meshZoneAware {
      self = .zoneAware(meshZoneAware)
    } else {
      guard let meshLocality, meshLocality.enabled ?? true else { return nil }
      self = .locality(meshLocality, isForced: false)
    }
  }
}

extension MeshService.TrafficDistribution {
  fileprivate var failoverPriority: [FailoverLabel] {
    let zone = [
      "topology.istio.io/network", "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
    ]
    let names =
      switch self {
      case .preferSameZone: zone
      case .preferSameNode: zone + ["topology.istio.io/subzone", "kubernetes.io/hostname"]
      }
    return names.map { FailoverLabel(name: $0) }
  }
}

extension SelectedRule {
  /// The TLS mode by which single endpoints are told whether they are sent mutual TLS: a port's entry
  /// without `tls` leaves the top level's in force, unlike for the cluster; a subset goes first.
  package func endpointTLSMode(port: Int, subset name: String) -> ClientTLSSettings.Mode? {
    guard !name.isEmpty else { return trafficPolicy?.tlsMode(port: port) }
    guard let subset = subset(named: name) else { return nil }
    return subset.trafficPolicy?.tlsMode(port: port) ?? trafficPolicy?.tlsMode(port: port)
  }
}

extension TrafficPolicy {
  fileprivate func tlsMode(port: Int) -> ClientTLSSettings.Mode? {
    let ofPort = portLevelSettings.first { $0.port == port && $0.tls != nil }
    return (ofPort?.tls ?? tls)?.mode
  }
}
