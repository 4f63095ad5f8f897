internal import Resources

extension Workload {
  /// A pod as an endpoint (istiod's `NewEndpointBuilder`).
  init(
    _ pod: Object<Pod>, at site: WorkloadSite, trustDomain: String,
    sharing recurring: RecurringTraits
  ) {
    let metadata = pod.metadata
    self.init(
      name: metadata.labels["service.istio.io/workload-name"] ?? Self.owner(of: metadata),
      recurring.traits(
        WorkloadTraits.Source(
          namespace: metadata.namespace, labels: metadata.labels,
          takesMutualTLS: metadata.labels["security.istio.io/tlsMode"] == "istio",
          account: pod.spec.serviceAccountName ?? "", trustDomain: trustDomain),
        at: site))
  }

  /// An address that no pod is known for.
  init(unknownIn network: String, mesh: MeshNames, sharing recurring: RecurringTraits) {
    let site = WorkloadSite(
      clusterID: mesh.clusterID, localityText: "", network: network, nodeName: nil)
    self.init(
      name: "",
      recurring.traits(
        WorkloadTraits.Source(
          namespace: "", labels: [:], takesMutualTLS: false, account: nil,
          trustDomain: mesh.trustDomain),
        at: recurring.site(site)))
  }

  /// What made the pod, as far as names tell: its Deployment, CronJob, … (istiod's
  /// `GetDeployMetaFromPod`).
  private static func owner(of metadata: ObjectMeta) -> String {
    guard metadata.generateName?.isEmpty == false,
      let owner = metadata.ownerReferences.first(where: \.isController), !owner.name.isEmpty
    else { return metadata.name }
    switch owner.kind {
    case "ReplicaSet":
      for label in ["pod-template-hash", "rollouts-pod-template-hash"] {
        let hash = metadata.labels[label] ?? ""
        guard !hash.isEmpty, owner.name.hasSuffix(hash) else { continue }
        let suffix = "-\(hash)"
        return owner.name.hasSuffix(suffix)
          ? String(owner.name.dropLast(suffix.count)) : owner.name
      }
      return owner.name
    case "ReplicationController":
      let configured = metadata.labels["deploymentconfig"] ?? ""
      return configured.isEmpty ? owner.name : configured
    case "Job": return cronJob(ofJob: owner.name) ?? owner.name
    default: return owner.name
    }
  }

  /// A CronJob's jobs end in `-` and a time of 8 to 10 digits.
  private static func cronJob(ofJob name: String) -> String? {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    let rest = name.dropLast(digits)
    guard (8...10).contains(digits), rest.count > 1, rest.last == "-" else { return nil }
    return String(rest.dropLast())
  }
}

/// The names that go into every workload.
struct MeshNames: Hashable {
  let clusterID: String
  let trustDomain: String
}
