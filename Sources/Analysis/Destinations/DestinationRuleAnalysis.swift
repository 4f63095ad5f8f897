internal import Diagnostics
internal import Mesh
internal import Resources
internal import Store

/// What is found in a DestinationRule.
struct DestinationRuleAnalysis {
  private let hosts: KnownHosts
  private let repeated: RepeatedPolicies
  private let subsets: SubsetWorkloads

  init(_ model: MeshModel, _ workloads: Workloads, _ hosts: KnownHosts) {
    self.hosts = hosts
    repeated = RepeatedPolicies(model)
    subsets = SubsetWorkloads(workloads)
  }

  func remarks(_ id: NamespacedName, _ rule: DestinationRule) -> [Remark] {
    unverified(rule) + repeated.remarks(id, rule) + atHost(id, rule)
  }

  /// TLS to servers that may be anyone (istioctl's destinationrule.CaCertificateAnalyzer). Subsets are
  /// not looked at, as there.
  private func unverified(_ rule: DestinationRule) -> [Remark] {
    guard let policy = rule.trafficPolicy else { return [] }
    let selects = rule.workloadSelector != nil
    var remarks: [Remark] = []
    if let tls = policy.tls, tls.verifiesNobody(whereCredentialsServe: selects) {
      remarks.append(
        Remark(.field("trafficPolicy.tls"), .unverifiedServer(tls.mode.rawValue, of: rule.host)))
    }
    for (index, settings) in policy.portLevelSettings.enumerated() {
      guard let tls = settings.tls, tls.verifiesNobody(whereCredentialsServe: selects) else {
        continue
      }
      remarks.append(
        Remark(
          .element("trafficPolicy.portLevelSettings", index), ".tls",
          .unverifiedServerPort(settings.port, tls.mode.rawValue, of: rule.host)))
    }
    return remarks
  }

  /// What the host lacks that the rule speaks of (istioctl's
  /// destinationrule.SubsetSelectPodAnalyzer, and ports).
  private func atHost(_ id: NamespacedName, _ rule: DestinationRule) -> [Remark] {
    guard !HostPattern(rule.host).isWildcard else { return [] }
    switch hosts.presence(of: rule.host, seenFrom: id.namespace, exportTo: rule.exportTo) {
    case .anywhere: return []
    case .nowhere:
      return [
        Remark(.field("host"), .ruleForUnknownHost(rule.host), basis: .surroundings)
      ]
    case .service(let service):
      let settings = rule.trafficPolicy?.portLevelSettings ?? []
      let lacking = settings.enumerated().filter { !service.ports.contains($1.port) }
      return lacking.map { index, settings in
        Remark(
          .element("trafficPolicy.portLevelSettings", index), ".port",
          .settingsOfUnknownPort(settings.port, of: rule.host, ports: service.ports),
          basis: .surroundings)
      } + subsets.remarks(rule, service)
    }
  }
}

extension ClientTLSSettings {
  /// `whereCredentialsServe`: a credential counts only for rules that select workloads.
  fileprivate func verifiesNobody(whereCredentialsServe: Bool) -> Bool {
    switch mode {
    case .disable, .istioMutual: false
    case .simple, .mutual:
      (caCertificates ?? "").isEmpty
        && !(whereCredentialsServe && !(credentialName ?? "").isEmpty)
    }
  }
}

/// Subsets that none of the service's workloads is in.
private struct SubsetWorkloads {
  private let workloads: Workloads

  init(_ workloads: Workloads) { self.workloads = workloads }

  /// Labels that endpoints get from their nodes and clusters.
  private static let fromSurroundings: Set = [
    "topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone",
    "topology.istio.io/cluster", "topology.istio.io/network", "kubernetes.io/hostname",
  ]

  func remarks(_ rule: DestinationRule, _ service: KnownHosts.Service) -> [Remark] {
    guard !service.selector.isEmpty else { return [] }
    let selected = workloads.labelSets(of: service.selector, in: service.namespace)
    guard !selected.isEmpty else { return [] }
    return rule.subsets.enumerated().compactMap { index, subset in
      guard Self.fromSurroundings.isDisjoint(with: subset.labels.keys) else { return nil }
      let labels = service.selector.merging(subset.labels) { $1 }
      // Labels that say other than the service's are those of others' workloads.
      let isWithin = service.selector.allSatisfy { labels[$0.key] == $0.value }
      let hasWorkloads =
        isWithin
        ? selected.contains { own in subset.labels.allSatisfy { own[$0.key] == $0.value } }
        : workloads.areSelected(by: labels, in: service.namespace)
      guard !hasWorkloads else { return nil }
      return Remark(
        .element("subsets", index), ".labels",
        .subsetOfNoWorkload(subset.name, selector: text(of: labels)), basis: .surroundings)
    }
  }
}
