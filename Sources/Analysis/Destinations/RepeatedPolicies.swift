internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// DestinationRules of one host in one namespace, which become one: what the oldest says stays, and the
/// others add subsets (istiod's `mergeDestinationRule`).
struct RepeatedPolicies {
  private struct HostOfNamespace: Digested {
    let host: String
    let namespace: String
  }

  /// What a later rule may repeat.
  private struct Outline: Hashable {
    let exportTo: Set<ExportTarget>
    let hasPolicy: Bool
    let subsets: [String]
    let selectsWorkloads: Bool
  }

  private let byHost: Index<HostOfNamespace, Rank>
  private let outlines: Derived<NamespacedName, Outline?>
  private let domain: String

  init(_ model: MeshModel) {
    let byHost = Index<HostOfNamespace, Rank>(model.graph)
    let domain = model.options.clusterDomain
    byHost.follow(model.store.destinationRules) { id, rule in
      [(Self.key(id, rule.spec, domain: domain), Rank(rule.metadata))]
    }
    outlines = Derived(model.graph, "outline of destination rule") { [store = model.store] id in
      store.destinationRules[id].map { rule in
        Outline(
          exportTo: Set(rule.spec.exportTo), hasPolicy: rule.spec.trafficPolicy != nil,
          subsets: rule.spec.subsets.map(\.name),
          selectsWorkloads: rule.spec.workloadSelector != nil)
      }
    }
    self.byHost = byHost
    self.domain = domain
  }

  private static func key(
    _ id: NamespacedName, _ rule: DestinationRule, domain: String
  ) -> HostOfNamespace {
    HostOfNamespace(
      host: ServiceHost.completed(rule.host, in: id.namespace, domain: domain),
      namespace: id.namespace)
  }

  func remarks(_ id: NamespacedName, _ rule: DestinationRule) -> [Remark] {
    let ranks = byHost[Self.key(id, rule, domain: domain)]
    guard ranks.count > 1, rule.workloadSelector == nil else { return [] }
    let older = ranks.prefix { $0.id != id }.filter { rank in
      outlines(rank.id).map { !$0.selectsWorkloads && $0.exportTo == Set(rule.exportTo) } ?? false
    }
    var remarks: [Remark] = []
    if rule.trafficPolicy != nil,
      let first = older.first(where: { outlines($0.id)?.hasPolicy == true })
    {
      remarks.append(
        Remark(.field("trafficPolicy"), .policyOfOlderRule("\(first.id)", host: rule.host)))
    }
    for (index, subset) in rule.subsets.enumerated() {
      let first = older.first { outlines($0.id)?.subsets.contains(subset.name) == true }
      guard let first else { continue }
      remarks.append(
        Remark(.element("subsets", index), .subsetOfOlderRule(subset.name, "\(first.id)")))
    }
    return remarks
  }
}
