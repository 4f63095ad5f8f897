internal import Resources

extension Workload {
  /// A WorkloadEntry or an endpoint written into a ServiceEntry (istiod's
  /// `convertWorkloadEntryToWorkloadInstance`). `name` is the object's, or the ServiceEntry's with the
  /// endpoint's index.
  init(
    _ entry: WorkloadEntry, labels: [String: String], name: String, namespace: String,
    mesh: MeshNames, sharing recurring: RecurringTraits
  ) {
    let account = entry.serviceAccount ?? ""
    let locality = entry.locality ?? ""
    let site = recurring.site(
      clusterID: mesh.clusterID,
      localityText: locality.isEmpty
        ? Topology.localityText(ofWorkload: labels) ?? "" : locality,
      network: entry.network ?? "")
    self.init(
      name: name,
      recurring.traits(
        WorkloadTraits.Source(
          namespace: namespace, labels: labels,
          takesMutualTLS: labels["security.istio.io/tlsMode"].map { $0 == "istio" }
            ?? !account.isEmpty,
          account: account.isEmpty ? nil : account, trustDomain: mesh.trustDomain),
        at: site))
  }

  /// A host of a DNS ServiceEntry that stands for itself.
  init(
    hostOf entry: Object<ServiceEntry>, mesh: MeshNames, sharing recurring: RecurringTraits
  ) {
    let site = recurring.site(clusterID: mesh.clusterID, localityText: "", network: "")
    self.init(
      name: entry.metadata.name,
      recurring.traits(
        WorkloadTraits.Source(
          namespace: entry.metadata.namespace, labels: [:], takesMutualTLS: false, account: nil,
          trustDomain: mesh.trustDomain),
        at: site))
  }

  /// What a WorkloadEntry's workload is called.
  static func name(of entry: Object<WorkloadEntry>) -> String {
    entry.metadata.annotations["istio.io/autoRegistrationGroup"]
      ?? entry.metadata.labels["service.istio.io/workload-name"] ?? entry.metadata.name
  }
}
