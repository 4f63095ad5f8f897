internal import Diagnostics
internal import Mesh
internal import Resources
internal import Store

/// What is found in a DestinationRule.
struct DestinationRuleAnalysis {
  private let hosts: KnownHosts

  init(_ model: MeshModel) { hosts = KnownHosts(model) }

  func remarks(_ id: NamespacedName, _ rule: DestinationRule) -> [Remark] {
    unverified(rule) + unknownHost(id, rule)
  }

  /// TLS to servers that may be anyone (istioctl's destinationrule.CaCertificateAnalyzer). Subsets are
  /// not looked at, as there.
  private func unverified(_ rule: DestinationRule) -> [Remark] {
    guard let policy = rule.trafficPolicy else { return [] }
    var remarks: [Remark] = []
    if let tls = policy.tls, tls.verifiesNobody(whereCredentialsServe: rule.workloadSelector != nil)
    {
      remarks.append(
        Remark(.field("trafficPolicy.tls"), .unverifiedServer(tls.mode.rawValue, of: rule.host)))
    }
    for (index, settings) in policy.portLevelSettings.enumerated() {
      guard let tls = settings.tls,
        tls.verifiesNobody(whereCredentialsServe: rule.workloadSelector != nil)
      else { continue }
      remarks.append(
        Remark(
          .element("trafficPolicy.portLevelSettings", index), ".tls",
          .unverifiedServerPort(settings.port, tls.mode.rawValue, of: rule.host)))
    }
    return remarks
  }

  private func unknownHost(_ id: NamespacedName, _ rule: DestinationRule) -> [Remark] {
    guard !HostPattern(rule.host).isWildcard,
      case .nowhere = hosts.ports(of: rule.host, seenFrom: id.namespace)
    else { return [] }
    return [Remark(.field("host"), .ruleForUnknownHost(rule.host), basis: .surroundings)]
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
