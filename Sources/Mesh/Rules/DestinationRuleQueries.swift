internal import Incremental
internal import Resources
internal import Store

/// Which DestinationRule holds for a host, by who asks: a rule of the proxy's namespace, else of the
/// service's, else of the root namespace; in each of the most specific host.
package final class DestinationRuleQueries {
  private let found: Derived<Lookup, [ConsolidatedRule]>
  private let pools: RulePools
  /// What holds where no rule says anything.
  private let defaultPolicy: Single<EffectivePolicy>

  private struct Lookup: Digested {
    let service: ServiceKey
    let namespace: String
  }

  init(_ store: ObjectStore, options: MeshModel.Options) {
    let graph = store.graph
    let pools = RulePools(store, domain: options.clusterDomain)
    self.pools = pools
    defaultPolicy = Single(graph, "defaultTrafficPolicy") {
      EffectivePolicy(defaults: store.meshConfig.defaultTrafficPolicy)
    }
    found = Derived(graph, "destinationRules") { lookup in
      pools.rules(for: lookup.service, seenFrom: lookup.namespace)
    }
  }

  /// False only where no rule of the mesh is for the host: the usual case, which is cheap to tell.
  func maySpeak(of host: String) -> Bool { pools.maySpeak(of: host) }

  /// The rule for requests to a service from proxies of the class.
  package func rule(for service: ServiceKey, seenBy proxies: ProxyClass) -> SelectedRule? {
    pools.maySpeak(of: service.host) ? selected(for: service, seenBy: proxies) : nil
  }

  /// The same of a service that was looked up.
  package func rule(for service: MeshService, seenBy proxies: ProxyClass) -> SelectedRule? {
    service.mayHaveRules ? selected(for: service.key, seenBy: proxies) : nil
  }

  private func selected(for service: ServiceKey, seenBy proxies: ProxyClass) -> SelectedRule? {
    let namespace = proxies.traits.namespace
    let rules = found(Lookup(service: service, namespace: namespace))
    // By place: a rule that is copied has all its parts counted.
    var general: Int?
    for place in rules.indices {
      guard let selector = rules[place].workloadSelector else {
        general = place
        continue
      }
      if rules[place].rule.source.namespace == namespace,
        selector.allSatisfy({ proxies.traits.labels[$0.key] == $0.value })
      {
        return rules[place].rule
      }
    }
    return general.map { rules[$0].rule }
  }

  /// What holds where no rule says anything.
  package var policyWithoutRule: EffectivePolicy { defaultPolicy() }

  /// What holds for requests to one port of a service, or of one of its subsets.
  package func policy(
    for service: ServiceKey, port: Int, subset: String? = nil, seenBy proxies: ProxyClass
  ) -> EffectivePolicy {
    policy(of: rule(for: service, seenBy: proxies), port: port, subset: subset)
  }

  /// What a rule and the mesh's defaults say of a port.
  package func policy(
    of rule: SelectedRule?, port: Int, subset: String? = nil
  ) -> EffectivePolicy {
    let defaults = defaultPolicy()
    guard let rule else { return defaults }
    return EffectivePolicy(rule.trafficPolicy, port: port)
      .filled(with: defaults)
      .overridden(by: subset.flatMap { rule.subset(named: $0) }?.trafficPolicy, port: port)
  }
}

/// A namespace's rules, apart by who may see them.
private struct RulePools {
  private let indexes: RuleIndexes
  private let consolidated: Derived<Key, [ConsolidatedRule]>
  private let rootNamespace: Single<String>
  private let hasWildcards: Single<Bool>

  /// Rules are merged within a pool, so the same rule may be merged with others in each.
  enum Pool: Hashable {
    /// What the namespace's own proxies follow.
    case local
    /// All that are not for the own namespace alone.
    case exported
    /// The root namespace's that are for its own proxies alone.
    case confined
  }

  private struct Key: Digested {
    let pool: Pool
    let host: RuleIndexes.HostOfNamespace
  }

  init(_ store: ObjectStore, domain: String) {
    let indexes = RuleIndexes(store, domain: domain)
    self.indexes = indexes
    let graph = store.graph
    let isPrivateByDefault = Single<Bool>(graph, "destinationRulesPrivate") {
      store.meshConfig.defaultDestinationRuleExportTo.contains(.ownNamespace)
    }
    rootNamespace = Single(graph, "rootNamespace") { store.meshConfig.rootNamespace }
    hasWildcards = Single(graph, "destinationRules.haveWildcards") {
      !indexes.allWildcards[true].isEmpty
    }
    consolidated = Derived(graph, "consolidatedRules") { key in
      let objects = indexes.rules(for: key.host).compactMap { store.destinationRules[$0] }
        .filter {
          Self.isMember(
            ConsolidatedRule.exportTo($0), of: key.pool, in: key.host.namespace,
            privateByDefault: isPrivateByDefault)
        }
      return ConsolidatedRule.merge(objects, host: key.host.host)
    }
  }

  private static func isMember(
    _ exportTo: Set<ExportTarget>, of pool: Pool, in namespace: String,
    privateByDefault: Single<Bool>
  ) -> Bool {
    let own: Set<ExportTarget> = [.ownNamespace, .namespace(namespace)]
    let isConfined =
      exportTo.isEmpty
      ? privateByDefault() : exportTo.count == 1 && !exportTo.isDisjoint(with: own)
    return switch pool {
    case .local: exportTo.isEmpty || !exportTo.isDisjoint(with: own.union([.everyone]))
    case .exported: !isConfined
    case .confined: isConfined
    }
  }

  /// Whether there can be a rule for a host: for most there is none, which needs no further look.
  func maySpeak(of host: String) -> Bool {
    !indexes.byHost.isEmpty(host) || hasWildcards()
  }

  func rules(for service: ServiceKey, seenFrom namespace: String) -> [ConsolidatedRule] {
    let root = rootNamespace()
    let own = rules(namespace == root ? .confined : .local, of: namespace, for: service.host)
    guard own.isEmpty else { return own }
    let exported = exported(from: service.namespace, to: namespace, for: service.host)
    return exported.isEmpty ? self.exported(from: root, to: namespace, for: service.host) : exported
  }

  /// The most specific host's rules first, whether they may be seen only then: a rule that is hidden
  /// hides a less specific one.
  private func exported(
    from owner: String, to namespace: String, for host: String
  ) -> [ConsolidatedRule] {
    rules(.exported, of: owner, for: host).filter {
      $0.exportTo.isEmpty || $0.exportTo.contains(.everyone)
        || $0.exportTo.contains(.namespace(namespace))
    }
  }

  private func rules(
    _ pool: Pool, of namespace: String, for host: String
  ) -> [ConsolidatedRule] {
    let ofHost = RuleIndexes.HostOfNamespace(namespace: namespace, host: host)
    if !indexes.rules(for: ofHost).isEmpty {
      let exact = consolidated(Key(pool: pool, host: ofHost))
      guard exact.isEmpty else { return exact }
    }
    let pattern = HostPattern(host)
    for wildcard in indexes.wildcards[namespace]
    where pattern.isCovered(by: HostPattern(wildcard.host)) {
      let rules = consolidated(
        Key(pool: pool, host: .init(namespace: namespace, host: wildcard.host)))
      if !rules.isEmpty { return rules }
    }
    return []
  }
}
