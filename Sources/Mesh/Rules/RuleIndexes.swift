internal import Incremental
internal import Resources
internal import Store

/// Which DestinationRules speak of a host, by the namespace they stand in.
struct RuleIndexes {
  /// All namespaces' rules for a host: most hosts have none anywhere, which is one look.
  let byHost: Index<String, Entry>
  /// The wildcard hosts of a namespace's rules.
  let wildcards: Index<String, Wildcard>
  /// All namespaces' rules for wildcard hosts.
  let allWildcards: Index<Bool, NamespacedName>

  struct HostOfNamespace: Hashable {
    let namespace: String
    let host: String
  }

  /// A rule in istiod's order: those for selected workloads first.
  struct Entry: Hashable, Comparable {
    let isForAll: Bool
    let rank: Rank

    static func < (a: Self, b: Self) -> Bool {
      a.isForAll == b.isForAll ? a.rank < b.rank : !a.isForAll
    }
  }

  /// The most specific first: the longer, then by letters.
  struct Wildcard: Hashable, Comparable {
    let host: String
    let id: NamespacedName

    static func < (a: Self, b: Self) -> Bool {
      let (long, longer) = (a.host.utf8.count, b.host.utf8.count)
      if long != longer { return long > longer }
      return a.host == b.host ? a.id < b.id : a.host < b.host
    }
  }

  init(_ store: ObjectStore, domain: String) {
    byHost = Index(store.graph)
    wildcards = Index(store.graph)
    allWildcards = Index(store.graph)
    let host = { (id: NamespacedName, rule: Object<DestinationRule>) in
      ServiceHost.completed(rule.spec.host, in: id.namespace, domain: domain)
    }
    byHost.follow(store.destinationRules) { id, rule in
      let entry = Entry(
        isForAll: rule.spec.workloadSelector == nil, rank: Rank(rule.metadata))
      return [(host(id, rule), entry)]
    }
    wildcards.follow(store.destinationRules) { id, rule in
      let host = host(id, rule)
      return HostPattern(host).isWildcard ? [(id.namespace, Wildcard(host: host, id: id))] : []
    }
    allWildcards.follow(store.destinationRules) { id, rule in
      HostPattern(host(id, rule)).isWildcard ? [(true, id)] : []
    }
  }

  /// A namespace's rules for a host, in order.
  func rules(for host: HostOfNamespace) -> [NamespacedName] {
    byHost[host.host].filter { $0.rank.id.namespace == host.namespace }.map(\.rank.id)
  }
}

/// Rules of one host in one namespace that became one, as istiod merges them
/// (`PushContext.mergeDestinationRule`).
struct ConsolidatedRule: Hashable {
  /// As written; a rule for selected workloads counts as `[.]`.
  let exportTo: Set<ExportTarget>
  let workloadSelector: [String: String]?
  private(set) var rule: SelectedRule

  init(_ object: Object<DestinationRule>, host: String) {
    exportTo = Self.exportTo(object)
    workloadSelector = object.spec.workloadSelector
    rule = SelectedRule(
      source: NamespacedName(
        namespace: object.metadata.namespace, name: object.metadata.name),
      host: host, trafficPolicy: object.spec.trafficPolicy, subsets: [],
      hasWorkloadSelector: workloadSelector != nil
    ).adding(object.spec)
  }

  static func exportTo(_ object: Object<DestinationRule>) -> Set<ExportTarget> {
    object.spec.workloadSelector == nil ? Set(object.spec.exportTo) : [.ownNamespace]
  }

  /// The rules one after another, each taken into those before that it goes with.
  static func merge(_ objects: [Object<DestinationRule>], host: String) -> [ConsolidatedRule] {
    objects.reduce(into: []) { rules, object in
      let exportTo = exportTo(object)
      let selector = object.spec.workloadSelector
      var standsAlone = true
      for index in rules.indices {
        let earlier = rules[index]
        standsAlone = true
        guard
          earlier.exportTo == exportTo
            || (!earlier.exportTo.isEmpty && exportTo.isSuperset(of: earlier.exportTo))
        else { continue }
        if let selector, let other = earlier.workloadSelector, selector != other { continue }
        let isForTheSame = (selector == nil) == (earlier.workloadSelector == nil)
        standsAlone = !isForTheSame && earlier.exportTo != exportTo
        rules[index].rule = earlier.rule.adding(object.spec)
      }
      if standsAlone { rules.append(ConsolidatedRule(object, host: host)) }
    }
  }
}

extension SelectedRule {
  /// With another rule's subsets that have names of their own, and its policy if this has none.
  fileprivate func adding(_ rule: DestinationRule) -> SelectedRule {
    var subsets = subsets
    for subset in rule.subsets where !subsets.contains(where: { $0.name == subset.name }) {
      subsets.append(subset)
    }
    return SelectedRule(
      source: source, host: host, trafficPolicy: trafficPolicy ?? rule.trafficPolicy,
      subsets: subsets, hasWorkloadSelector: hasWorkloadSelector)
  }
}
