internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// A cluster as nearly all are: of a service that no rule speaks of, told its endpoints by EDS. Such
/// clusters differ in names.
struct PlainCluster {
  /// All that an ``OutboundCluster`` depends on and that is not a name.
  struct Kind: Digested {
    let settings: ClusterSettings
    let proxies: ProxyClass
    let port: Int
    let portProtocol: PortProtocol
    let isSNIDNAT: Bool
    let isMeshExternal: Bool
    let keepsDrainingEndpoints: Bool
    let trafficDistribution: MeshService.TrafficDistribution?
    /// Endpoints are offered mutual TLS.
    let offersMutualTLS: Bool
    /// They have an identity in common, which is one of the names.
    let hasIdentity: Bool

    var digest: UInt64 {
      proxies.digest.mixed(
        with: UInt64(truncatingIfNeeded: port) << 8 | (isMeshExternal ? 1 : 0)
          | (offersMutualTLS ? 2 : 0) | (isSNIDNAT ? 4 : 0))
    }
    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  }

  /// Which names there are.
  private enum Text {
    static let host = 0
    static let name = 1
    static let namespace = 2
    static let identity = 3
  }

  private let plan: ClusterPlan
  let kind: Kind
  let texts: [String]

  /// Nil for a cluster that says more.
  init?(_ plan: ClusterPlan, _ mode: UpstreamTLS.Mode) {
    guard plan.rule == nil, plan.discovery == .eds, plan.original == .eds,
      plan.settings.statName?.isEmpty ?? true
    else { return nil }
    let identities: [String]?
    switch mode {
    case .plaintext: identities = nil
    case .mesh(let mesh, isAutomatic: true): identities = mesh.names
    case .mesh, .origination: return nil
    }
    guard identities?.count ?? 0 <= 1 else { return nil }
    let service = plan.service
    self.plan = plan
    kind = Kind(
      settings: plan.settings, proxies: plan.proxies, port: plan.port.number,
      portProtocol: plan.port.portProtocol, isSNIDNAT: plan.isSNIDNAT,
      isMeshExternal: service.isMeshExternal,
      keepsDrainingEndpoints: service.keepsDrainingEndpoints,
      trafficDistribution: service.trafficDistribution, offersMutualTLS: identities != nil,
      hasIdentity: identities?.isEmpty == false)
    texts = [service.host, service.name, service.namespace, identities?.first ?? ""]
    guard texts.allSatisfy(Envoy.takesAsItIs) else { return nil }
  }

  /// The cluster with other names.
  func encoded(with texts: [String]) -> [UInt8] {
    let other = named(texts)
    let identities = kind.hasIdentity ? [texts[Text.identity]] : []
    let offersMutualTLS = kind.offersMutualTLS
    let mode = UpstreamTLS.mode(
      other, identities: { identities }, infersMutualTLS: { offersMutualTLS })
    return Envoy.encode { OutboundCluster(other, mode, endpoints: []).message }
  }

  private func named(_ texts: [String]) -> ClusterPlan {
    let host = texts[Text.host]
    let service = plan.service.named(
      host: host, name: texts[Text.name], namespace: texts[Text.namespace])
    let policy = plan.settings.policy
    var name = ClusterName.outbound(port: kind.port, host: host)
    if kind.isSNIDNAT { name = .sniDNAT(port: kind.port, host: host) }
    return ClusterPlan(
      name, service: service, port: plan.port, subset: "", rule: nil, policy: { _ in policy },
      proxies: plan.proxies, settings: plan.settings)
  }
}
