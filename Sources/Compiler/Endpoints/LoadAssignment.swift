internal import EnvoyAPI
internal import Mesh
internal import Resources

/// The endpoints of one cluster as its proxies should see them (Istio's `EndpointBuilder`).
struct LoadAssignment {
  let plan: ClusterPlan
  let endpoints: ServiceEndpoints
  let gateways: NetworkGateways
  /// What workloads of a namespace take.
  let peerPolicies: (String) -> PeerPolicies

  /// In the form that goes into the cluster itself, for names that Envoy looks up.
  var inCluster: [LocalityGroup] {
    prioritized(reachable { _ in true }, failsOver: plan.policy.outlierDetection != nil)
  }

  /// In the form of EDS: addresses only. The mesh's default outlier detection does not count here.
  var forEDS: [LocalityGroup] {
    prioritized(reachable { !$0.isHostname }, failsOver: ownOutlierDetection != nil)
  }

  /// The rule's without the mesh's defaults.
  private var ownOutlierDetection: OutlierDetection? {
    let port = plan.port.number
    // As policies are laid over each other, of which no more than this is asked.
    if let ofSubset = plan.subset?.trafficPolicy {
      if let ofPort = ofSubset.settings(forPort: port) { return ofPort.outlierDetection }
      if let own = ofSubset.outlierDetection { return own }
    }
    guard let policy = plan.rule?.trafficPolicy else { return nil }
    if let ofPort = policy.settings(forPort: port) { return ofPort.outlierDetection }
    return policy.outlierDetection
  }

  private func prioritized(
    _ groups: [LocalityGroup], failsOver: @autoclosure () -> Bool
  ) -> [LocalityGroup] {
    guard
      let preference = plan.settings.localityPreference(
        plan.policy.loadBalancer, of: plan.service)
    else { return groups }
    return LocalityPriorities(
      preference: preference, failsOver: failsOver(), comparesLabels: plan.comparesLabels,
      proxies: plan.proxies
    ).apply(to: groups)
  }

  private func reachable(
    where isReachable: (ServiceEndpoint.Address) -> Bool
  ) -> [LocalityGroup] {
    let tlsMode = plan.rule?.endpointTLSMode(port: plan.port.number, subset: plan.subsetName)
    var policies = PoliciesByNamespace(peerPolicies)
    let groups = LocalityGroup.groups(endpoints) { endpoint in
      guard isReachable(endpoint.address), isWanted(endpoint) else { return nil }
      let workload = endpoint.workload
      let takesMutualTLS =
        workload.takesMutualTLS
        && (tlsMode.map { $0 == .istioMutual }
          ?? (policies[workload.namespace].mode(
            labels: workload.labels, port: endpoint.address.port) != .disable))
      return LocalityGroup.Member(
        address: endpoint.address, weight: endpoint.weight,
        health: workload.isDraining ? .draining : endpoint.health,
        takesMutualTLS: takesMutualTLS, workload: workload, gateway: nil)
    }
    let split = NetworkSplit(gateways: gateways, proxies: plan.proxies).apply(to: groups)
    guard plan.isSNIDNAT else { return split }
    // What comes in by SNI is mutual TLS that nobody here can look into.
    return split.map { group in
      var group = group
      group.members = group.members.filter(\.takesMutualTLS)
      return group.weighted
    }
  }

  private func isWanted(_ endpoint: ServiceEndpoint) -> Bool {
    let workload = endpoint.workload
    guard plan.serves(endpoint),
      plan.subset?.labels.allSatisfy({ workload.labels[$0.key] == $0.value }) ?? true
    else { return false }
    if plan.service.isNodeLocal, workload.nodeName != plan.traits.metadata.nodeName { return false }
    let view = plan.traits.metadata.requestedNetworkView
    if !view.isEmpty, !view.contains(workload.network) { return false }
    if endpoint.address == .absent, gateways.isEmpty { return false }
    switch workload.isDraining ? .draining : endpoint.health {
    case .terminating: return false
    case .draining: return plan.service.holdsSessionsByCookie
    case .unhealthy: return sendsUnhealthy
    case .healthy, .unknown: return true
    }
  }

  /// Unhealthy endpoints are sent for Envoy to count, unless it would use them in a panic.
  private var sendsUnhealthy: Bool {
    plan.service.trafficDistribution != nil
      || (ownOutlierDetection?.minHealthPercent ?? 0) <= 0
  }
}

/// Looked up once for each namespace: a service's endpoints are mostly of one.
private struct PoliciesByNamespace {
  private let lookUp: (String) -> PeerPolicies
  private var last: (namespace: String, policies: PeerPolicies)?

  init(_ lookUp: @escaping (String) -> PeerPolicies) { self.lookUp = lookUp }

  subscript(namespace: String) -> PeerPolicies {
    mutating get {
      if let last, last.namespace == namespace { return last.policies }
      let policies = lookUp(namespace)
      last = (namespace, policies)
      return policies
    }
  }
}

extension ClusterPlan {
  /// Whether the endpoint is of the cluster's port: in EDS by the port's name, in DNS clusters by its
  /// number (istiod's `EndpointShards.CopyEndpoints`).
  func serves(_ endpoint: ServiceEndpoint) -> Bool {
    guard original.isDNS, let number = endpoint.portNumber else {
      return endpoint.portName == port.name
    }
    return number == port.number
  }

  /// istiod compares labels of endpoints and proxy for the main cluster of a service alone, where the
  /// cluster carries its endpoints itself.
  fileprivate var comparesLabels: Bool { discovery == .eds || subset == nil && !isSNIDNAT }
}

extension ServiceEndpoint.Address {
  fileprivate var isHostname: Bool {
    if case .hostname = self { true } else { false }
  }

  /// The number that the workload listens on; nil for a socket's path.
  fileprivate var port: Int? {
    switch self {
    case .socket(_, let port), .hostname(_, let port): port
    case .pipe, .absent: nil
    }
  }
}
