internal import Resources

extension Workload {
  /// A WorkloadEntry or an endpoint written into a ServiceEntry (istiod's
  /// `convertWorkloadEntryToWorkloadInstance`). `name` is the object's, or the ServiceEntry's with the
  /// endpoint's index.
  convenience init(
    _ entry: WorkloadEntry, labels: [String: String], name: String, namespace: String,
    mesh: MeshNames
  ) {
    let account = entry.serviceAccount ?? ""
    let locality = entry.locality ?? ""
    self.init(
      name: name, namespace: namespace, clusterID: mesh.clusterID, labels: labels,
      localityText: locality.isEmpty
        ? Topology.localityText(ofWorkload: labels) ?? "" : locality,
      network: entry.network ?? "",
      takesMutualTLS: labels["security.istio.io/tlsMode"].map { $0 == "istio" }
        ?? !account.isEmpty,
      identity: account.isEmpty ? nil : mesh.identity(namespace: namespace, account: account),
      nodeName: nil)
  }

  /// A host of a DNS ServiceEntry that stands for itself.
  convenience init(hostOf entry: Object<ServiceEntry>, mesh: MeshNames) {
    self.init(
      name: entry.metadata.name, namespace: entry.metadata.namespace, clusterID: mesh.clusterID,
      labels: [:], localityText: "", network: "", takesMutualTLS: false, identity: nil,
      nodeName: nil)
  }

  /// What a WorkloadEntry's workload is called.
  static func name(of entry: Object<WorkloadEntry>) -> String {
    entry.metadata.annotations["istio.io/autoRegistrationGroup"]
      ?? entry.metadata.labels["service.istio.io/workload-name"] ?? entry.metadata.name
  }
}
