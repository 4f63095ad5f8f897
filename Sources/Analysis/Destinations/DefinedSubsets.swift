internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// The subsets that DestinationRules define, and routes to others (istioctl's
/// virtualservice.DestinationRuleAnalyzer).
///
/// As istioctl has it a rule for a host outside the cluster counts for routes of its own namespace, and
/// `exportTo` plays no part.
struct DefinedSubsets {
  private struct Subset: Hashable, Comparable {
    let name: String
    let rule: WrittenObjects<DestinationRule>.Member

    static func < (a: Self, b: Self) -> Bool { (a.name, a.rule) < (b.name, b.rule) }
  }

  private let byHost: Index<String, Subset>
  private let domain: String

  init(_ model: MeshModel) {
    let byHost = Index<String, Subset>(model.graph)
    let domain = model.options.clusterDomain
    model.store.writtenDestinationRules.feed(byHost) { member, object in
      let key = Self.key(object.spec.host, in: member.id.namespace, domain: domain)
      return Set(object.spec.subsets.map(\.name)).map { (key, Subset(name: $0, rule: member)) }
    }
    self.byHost = byHost
    self.domain = domain
  }

  /// A service's full name; any other host as if it were a service's short name.
  private static func key(_ host: String, in namespace: String, domain: String) -> String {
    let services = HostPattern("*.svc.\(domain)")
    return HostPattern(host).isCovered(by: services) ? host : "\(host).\(namespace).svc.\(domain)"
  }

  func remarks(_ id: NamespacedName, _ spot: Spot, _ destination: Destination) -> [Remark] {
    guard let subset = destination.subset, !subset.isEmpty else { return [] }
    let defined = byHost[Self.key(destination.host, in: id.namespace, domain: domain)].map(\.name)
    guard !defined.contains(subset) else { return [] }
    return [
      Remark(
        spot, ".subset",
        .unknownSubset(subset, of: destination.host, defined: Set(defined).sorted()))
    ]
  }
}
