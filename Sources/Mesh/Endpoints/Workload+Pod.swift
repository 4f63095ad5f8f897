internal import Resources

extension Workload {
  /// A pod as an endpoint (istiod's `NewEndpointBuilder`); its `network` is known beforehand.
  convenience init(_ pod: Object<Pod>, localityText: String, network: String, mesh: MeshNames) {
    let metadata = pod.metadata
    self.init(
      name: metadata.labels["service.istio.io/workload-name"] ?? Self.owner(of: metadata),
      namespace: metadata.namespace, clusterID: mesh.clusterID, labels: metadata.labels,
      localityText: localityText, network: network,
      takesMutualTLS: metadata.labels["security.istio.io/tlsMode"] == "istio",
      identity: mesh.identity(
        namespace: metadata.namespace, account: pod.spec.serviceAccountName ?? ""),
      nodeName: pod.spec.nodeName)
  }

  /// An address that no pod is known for.
  convenience init(unknownIn network: String, mesh: MeshNames) {
    self.init(
      name: "", namespace: "", clusterID: mesh.clusterID, labels: [:], localityText: "",
      network: network, takesMutualTLS: false, identity: nil, nodeName: nil)
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

  /// The SPIFFE identity of a service account.
  func identity(namespace: String, account: String) -> String {
    "spiffe://\(trustDomain)/ns/\(namespace)/sa/\(account)"
  }
}
