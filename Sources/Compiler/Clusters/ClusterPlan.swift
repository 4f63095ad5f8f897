internal import Mesh
internal import Resources

/// One outbound cluster, with everything about it looked up. A class, since what makes the cluster's
/// parts is each given all of it.
final class ClusterPlan {
  let name: ClusterName
  let service: MeshService
  let port: ServicePort
  let rule: SelectedRule?
  /// Nil for the main cluster.
  let subset: DestinationRule.Subset?
  let policy: EffectivePolicy
  /// What holds for the main cluster, whose kind its subsets take over.
  let mainPolicy: EffectivePolicy
  let discovery: Discovery
  /// How the endpoints were found before a policy of PASSTHROUGH took that back.
  let original: Discovery
  let proxies: ProxyClass
  let settings: ClusterSettings

  /// How a cluster finds its endpoints.
  enum Discovery: Hashable {
    case eds
    case strictDNS
    case logicalDNS
    case originalDestination
    /// Hosts are looked up as requests name them.
    case dynamicForwardProxy

    var isDNS: Bool { self == .strictDNS || self == .logicalDNS }
  }

  init(
    _ name: ClusterName, service: MeshService, port: ServicePort, subset subsetName: String,
    rule: SelectedRule?, policy: (String?) -> EffectivePolicy, proxies: ProxyClass,
    settings: ClusterSettings
  ) {
    self.name = name
    self.service = service
    self.port = port
    self.rule = rule
    subset = subsetName.isEmpty ? nil : rule?.subset(named: subsetName)
    mainPolicy = policy(nil)
    self.policy = subset == nil ? mainPolicy : policy(subsetName)
    self.proxies = proxies
    self.settings = settings
    let byResolution = Discovery(service, for: proxies.traits.type)
    let main = mainPolicy.isPassthrough ? Discovery.originalDestination : byResolution
    if let subset {
      original = subset.declaresPassthrough ? .originalDestination : main
    } else {
      original = byResolution
    }
    discovery =
      byResolution == .dynamicForwardProxy
      ? .dynamicForwardProxy : self.policy.isPassthrough ? .originalDestination : original
  }

  var traits: ProxyTraits { _read { yield proxies.traits } }
  var isSNIDNAT: Bool {
    if case .sniDNAT = name { true } else { false }
  }
  var subsetName: String { subset?.name ?? "" }
  var isStock: Bool { traits.istioVersion == nil }
}

extension EffectivePolicy {
  fileprivate var isPassthrough: Bool { setsLoadBalancer && passesThrough }

  /// Apart, since even a policy that is not there takes its time.
  @inline(never) private var passesThrough: Bool {
    loadBalancer?.policy == .simple(.passthrough)
  }
}

extension DestinationRule.Subset {
  @inline(never) fileprivate var declaresPassthrough: Bool {
    trafficPolicy?.loadBalancer?.policy == .simple(.passthrough)
  }
}

extension ClusterPlan.Discovery {
  init(_ service: MeshService, for type: ProxyType) {
    self =
      switch service.resolution {
      case .clientSide, .alias: .eds
      case .passthrough: type == .sidecar ? .originalDestination : .eds
      case .dns: service.racesAddresses ? .logicalDNS : .strictDNS
      case .dnsRoundRobin: .logicalDNS
      case .dynamicDNS: .dynamicForwardProxy
      }
  }
}
