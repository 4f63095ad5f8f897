internal import Incremental
internal import Mesh
internal import Resources

/// What clusters and endpoints read of the mesh's settings: a change of any other changes none of them.
struct ClusterSettings: Hashable {
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

  init(_ mesh: MeshConfig) {
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

  func localityPreference(
    _ balancer: LoadBalancerSettings?, of service: MeshService
  ) -> LocalityPreference? {
    LocalityPreference(
      balancer, service: service, meshLocality: localityLbSetting,
      meshZoneAware: zoneAwareLbSetting)
  }
}
