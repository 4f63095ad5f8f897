internal import Incremental
internal import Mesh
internal import Resources

/// What clusters and endpoints read of the mesh's settings: a change of any other changes none of them.
/// A class that never changes: each of them is made with it.
final class ClusterSettings: Equatable {
  let connectTimeout: Duration
  let dnsRefreshRate: Duration
  let tcpKeepalive: TCPKeepalive?
  let upgradesToHTTP2: Bool
  let usesAutoMutualTLS: Bool
  let tlsDefaults: MeshConfig.TLSConfig?
  let statName: String?
  let localityLbSetting: LocalityLoadBalancerSetting?
  let zoneAwareLbSetting: ZoneAwareLoadBalancerSetting?
  let preservesHeaderCase: Bool
  /// What holds of connections where no rule says anything.
  let policy: EffectivePolicy

  init(_ mesh: MeshConfig, policy: EffectivePolicy) {
    self.policy = policy
    connectTimeout = mesh.connectTimeout
    dnsRefreshRate = mesh.dnsRefreshRate
    tcpKeepalive = mesh.tcpKeepalive
    upgradesToHTTP2 = mesh.h2UpgradePolicy == .upgrade
    usesAutoMutualTLS = mesh.enableAutoMtls
    tlsDefaults = mesh.tlsDefaults
    statName = mesh.outboundClusterStatName
    localityLbSetting = mesh.localityLbSetting
    zoneAwareLbSetting = mesh.zoneAwareLbSetting
    preservesHeaderCase = mesh.defaultConfig.proxyHeaders.preserveHttp1HeaderCase == true
  }

  static func == (a: ClusterSettings, b: ClusterSettings) -> Bool {
    a === b
      || (a.connectTimeout == b.connectTimeout && a.dnsRefreshRate == b.dnsRefreshRate
        && a.tcpKeepalive == b.tcpKeepalive && a.upgradesToHTTP2 == b.upgradesToHTTP2
        && a.usesAutoMutualTLS == b.usesAutoMutualTLS && a.tlsDefaults == b.tlsDefaults
        && a.statName == b.statName && a.localityLbSetting == b.localityLbSetting
        && a.zoneAwareLbSetting == b.zoneAwareLbSetting
        && a.preservesHeaderCase == b.preservesHeaderCase && a.policy == b.policy)
  }

  func localityPreference(
    _ balancer: LoadBalancerSettings?, of service: MeshService
  ) -> LocalityPreference? {
    LocalityPreference(
      balancer, service: service, meshLocality: localityLbSetting,
      meshZoneAware: zoneAwareLbSetting)
  }
}
