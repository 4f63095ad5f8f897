internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources
internal import Segments

/// Looks up what clusters are made of, and makes them.
struct ClusterPlans {
  private let model: MeshModel
  private let settings: Single<ClusterSettings>
  /// Clusters and assignments are what there is most of, and differ in names.
  private let recurring = (clusters: RecurringBytes(), assignments: RecurringBytes())
  private let forms = (
    clusters: MessageForms<PlainCluster.Kind>(), assignments: MessageForms<PlainAssignment.Kind>()
  )

  init(_ model: MeshModel) {
    self.model = model
    settings = Single(model.graph, "clusterSettings") {
      ClusterSettings(model.store.meshConfig, policy: model.rules.policyWithoutRule)
    }
  }

  // MARK: Which there are

  /// The clusters of one service: for each port one of all endpoints, then the rule's subsets.
  func clusters(of key: ServiceKey, for proxies: ProxyClass) -> ServiceClusters {
    guard let service = model.services.service(key, visibleTo: proxies.traits.namespace),
      !service.isAlias
    else { return ServiceClusters() }
    let rule = model.rules.rule(for: service, seenBy: proxies)
    var found = ServiceClusters()
    for port in service.ports where service.hasCluster(port) {
      let subsets = service.resolution == .dynamicDNS ? [] : rule?.subsets ?? []
      for subset in [""] + subsets.map(\.name) {
        let (number, host) = (port.number, service.host)
        let name = ClusterName.outbound(port: number, subset: subset, host: host)
        // Without a rule no policy takes part in how endpoints are found.
        let outbound =
          rule == nil
          ? ServiceClusters.Entry(
            name: name, usesEDS: .eds == ClusterPlan.Discovery(service, for: proxies.traits.type),
            namesCredentials: false)
          : entry(plan(name, of: service, port, subset: subset, rule, for: proxies))
        found.outbound.append(outbound)
        guard service.isEnteredBySNI(at: proxies) else { continue }
        found.sniDNAT.append(
          .init(
            name: .sniDNAT(port: number, subset: subset, host: host), usesEDS: outbound.usesEDS,
            namesCredentials: false))
      }
    }
    return found
  }

  /// Nil for a name that nothing answers to.
  func entry(of name: ClusterName, for proxies: ProxyClass) -> ServiceClusters.Entry? {
    plan(of: name, for: proxies).map(entry)
  }

  private func entry(_ plan: ClusterPlan) -> ServiceClusters.Entry {
    .init(
      name: plan.name, usesEDS: plan.discovery == .eds,
      namesCredentials: !plan.isSNIDNAT && plan.policy.tls?.credentialName?.isEmpty == false)
  }

  /// The credentials that a cluster names.
  func secrets(of name: ClusterName, for proxies: ProxyClass) -> [SecretName] {
    guard let tls = plan(of: name, for: proxies)?.policy.tls,
      tls.mode == .simple || tls.mode == .mutual, let credential = tls.credentialName
    else { return [] }
    let contents: [SecretName.Content] =
      (tls.mode == .mutual ? [.certificate] : [])
      + (tls.insecureSkipVerify == true ? [] : [.authority])
    return contents.compactMap {
      SecretName(credential: credential, content: $0, proxyNamespace: proxies.traits.namespace)
    }
  }

  // MARK: One of them

  /// Nil for a name that nothing answers to.
  func plan(of name: ClusterName, for proxies: ProxyClass) -> ClusterPlan? {
    switch name {
    case .outbound(let port, let subset, let host), .sniDNAT(let port, let subset, let host):
      guard let service = model.services.service(host, visibleTo: proxies.traits.namespace),
        !service.isAlias,
        let port = service.ports.first(where: { $0.number == port && service.hasCluster($0) })
      else { return nil }
      let rule = model.rules.rule(for: service, seenBy: proxies)
      guard subset.isEmpty || rule?.subset(named: subset) != nil else { return nil }
      return plan(name, of: service, port, subset: subset, rule, for: proxies)
    case .inbound, .extensionHost, .fixed: return nil
    }
  }

  private func plan(
    _ name: ClusterName, of service: MeshService, _ port: ServicePort, subset: String,
    _ rule: SelectedRule?, for proxies: ProxyClass
  ) -> ClusterPlan {
    let settings = settings()
    return ClusterPlan(
      name, service: service, port: port, subset: subset, rule: rule,
      policy: { subset in
        rule.map { model.rules.policy(of: $0, port: port.number, subset: subset) }
          ?? settings.policy
      }, proxies: proxies, settings: settings)
  }

  // MARK: Messages

  /// Nil where there is no such cluster, as one of names that Envoy looks up without any name.
  func message(of name: ClusterName, for proxies: ProxyClass) -> Rope? {
    switch name {
    case .blackHole: return Rope(Envoy.segment { SpecialCluster.blackHole(settings()) })
    case .externalSecrets:
      return Rope(Envoy.segment { SpecialCluster.externalSecrets(settings()) })
    case .extensionHost(let host, let port, let usesTLS):
      return Rope(
        Envoy.segment {
          SpecialCluster.extensionHost(name, host, port, usesTLS: usesTLS, settings())
        })
    case .inbound, .fixed: return nil
    case .outbound, .sniDNAT:
      guard let plan = plan(of: name, for: proxies) else { return nil }
      let groups = plan.original.isDNS ? assignment(plan).inCluster : []
      if plan.original.isDNS, groups.isEmpty || !mainHasEndpoints(plan) { return nil }
      let mode = UpstreamTLS.mode(
        plan, identities: { identities(of: plan) }, infersMutualTLS: { infersMutualTLS(plan) })
      if let plain = PlainCluster(plan, mode),
        let form = forms.clusters.form(of: plain.kind, plain.texts, { plain.encoded(with: $0) })
      {
        return form.rope(plain.texts)
      }
      return Envoy.rope(recurring: recurring.clusters) {
        OutboundCluster(plan, mode, endpoints: groups).message
      }
    }
  }

  /// The endpoints of a cluster of type EDS; none for a name that nothing answers to.
  func assignment(of name: ClusterName, for proxies: ProxyClass) -> Rope {
    let plan = plan(of: name, for: proxies)
    let groups = plan.flatMap { $0.discovery == .eds ? assignment($0).forEDS : nil } ?? []
    if let plain = PlainAssignment(name, groups),
      let form = forms.assignments.form(of: plain.kind, plain.texts, { plain.encoded(with: $0) })
    {
      return form.rope(plain.texts)
    }
    return Envoy.rope(recurring: recurring.assignments) {
      Envoy.ClusterLoadAssignment(
        clusterName: name.text, endpoints: groups.map(\.message))
    }
  }

  private func assignment(_ plan: ClusterPlan) -> LoadAssignment {
    LoadAssignment(
      plan: plan,
      endpoints: model.endpoints.endpoints(
        of: plan.service, forCluster: plan.traits.clusterID),
      gateways: plan.service.isDNS ? model.networks.namedGateways : model.networks.gateways,
      peerPolicies: { model.policies.peers.policies($0) })
  }

  /// istiod leaves out subsets together with the cluster that has none.
  private func mainHasEndpoints(_ plan: ClusterPlan) -> Bool {
    guard plan.subset != nil else { return true }
    return model.endpoints.endpoints(plan.service.key).contains {
      plan.serves($0)
    }
  }

  private func identities(of plan: ClusterPlan) -> [String] {
    plan.discovery == .dynamicForwardProxy ? [] : model.endpoints.identities(plan.service.key)
  }

  /// Whether to offer mutual TLS where no rule says so (Istio's `BestEffortInferServiceMTLSMode`).
  /// Where the proxy has no say in the choice of an endpoint, all of them must take it; and the
  /// namespace's policy must not forbid it, those for single workloads being seen to endpoint by
  /// endpoint.
  private func infersMutualTLS(_ plan: ClusterPlan) -> Bool {
    let policy = plan.subset.map(\.trafficPolicy) ?? plan.rule?.trafficPolicy
    let isPassedThrough =
      plan.service.resolution == .passthrough
      || policy?.loadBalancer?.policy == .simple(.passthrough)
    guard
      !isPassedThrough
        || model.endpoints.takesMutualTLS(.init(plan.service.key, portName: plan.port.name))
    else { return false }
    return model.policies.peers.mode(plan.service.namespace) != .disable
  }
}

extension MeshService {
  fileprivate var isAlias: Bool {
    if case .alias = resolution { true } else { false }
  }

  fileprivate func hasCluster(_ port: ServicePort) -> Bool {
    guard port.portProtocol != .udp else { return false }
    return resolution != .dynamicDNS || [.http, .tls, .grpc, .http2].contains(port.portProtocol)
  }
}
