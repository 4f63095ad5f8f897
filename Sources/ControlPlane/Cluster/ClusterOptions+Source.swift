internal import Ingest
internal import Linux
internal import Resources

extension ClusterOptions {
  /// The namespace this process runs in, or Istio's own.
  static var rootNamespace: String { environmentVariable("POD_NAMESPACE") ?? "istio-system" }

  /// The way to the API server that was named, or that this pod has.
  func access() throws(AccessError) -> ClusterAccess {
    if let kubeconfig { return try Kubeconfig.access(file: kubeconfig, context: context) }
    return try ClusterAccess.inPod()
  }

  var settings: MeshSettings {
    MeshSettings(rootNamespace: ClusterOptions.rootNamespace, revision: revision)
  }

  fileprivate func resource(_ served: ServedKind) -> APIResource {
    APIResource(
      group: served.group, versions: served.versions, kind: served.kind.rawValue,
      plural: served.plural, isRevisioned: served.isRevisioned,
      fieldSelector: fieldSelector(served.kind),
      sufficientNamespace: served.kind == .secret ? ClusterOptions.rootNamespace : nil,
      leads: served.kind == .namespace || served.kind == .configMap,
      fields: served.fields, isSecret: served.kind == .secret,
      contents: contents(served.kind))
  }

  fileprivate func resource(_ unserved: UnservedKind) -> APIResource {
    APIResource(
      group: unserved.group, versions: unserved.versions, kind: unserved.kind,
      plural: unserved.plural, isRevisioned: unserved.isRevisioned,
      fields: .only([
        .init("apiVersion"), .init("kind"),
        .init(
          "metadata",
          .only(["name", "namespace", "labels", "resourceVersion"].map { .init($0) })),
      ]),
      contents: .metadata)
  }

  /// Most Secrets and ConfigMaps of a cluster are nothing to us.
  private func contents(_ kind: Kind) -> APIResource.Contents {
    switch kind {
    case .secret: .onDemandElse(type: Secret.unreadType)
    case .configMap: .onDemand
    default: .listed
    }
  }

  /// As istiod asks: what ended, and what others keep for themselves, is left out by the server.
  private func fieldSelector(_ kind: Kind) -> String? {
    switch kind {
    case .pod: "status.phase!=Failed"
    case .secret: "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token"
    default: nil
    }
  }
}

extension ServeOptions {
  /// Whether a Kubernetes API server is the source of objects.
  var followsCluster: Bool { mesh.configPaths.isEmpty }

  /// Files that are given count before the cluster's own settings.
  private var readsSettingsOfCluster: Bool { followsCluster && mesh.meshConfigFile == nil }

  /// The mesh with its settings where they are told.
  var compiledMesh: MeshOptions {
    var mesh = mesh
    mesh.systemNamespace = followsCluster ? ClusterOptions.rootNamespace : nil
    guard readsSettingsOfCluster else { return mesh }
    mesh.meshConfigFile = cluster.settings.meshConfig
    mesh.networksConfigFile = mesh.networksConfigFile ?? cluster.settings.meshNetworks
    return mesh
  }

  /// What is followed: every kind that is served, of which some objects matter to nobody; and of those
  /// that will be, which objects there are.
  var clusterSource: KubernetesSource.Options {
    KubernetesSource.Options(
      kinds: ServedKind.all.map(cluster.resource) + UnservedKind.all.map(cluster.resource),
      revision: cluster.revision.isEmpty ? "default" : cluster.revision,
      settings: readsSettingsOfCluster ? cluster.settings : nil,
      remoteSecrets: RemoteSecrets(rootNamespace: ClusterOptions.rootNamespace),
      limits: Limits.followers)
  }

  /// What is followed of the mesh's other clusters: what runs there.
  var remoteSource: KubernetesSource.Options {
    KubernetesSource.Options(
      kinds: ServedKind.all.filter { $0.kind.isOfEveryCluster }.map(cluster.resource),
      limits: Limits.followers)
  }
}
