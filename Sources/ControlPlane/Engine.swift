package import Analysis
internal import Compiler
package import Diagnostics
package import Documents
internal import Incremental
package import Mesh
internal import Resources
package import Store

/// The compile thread's state: files to objects to the graph to what each class of proxies is sent.
/// One writer; everything here belongs to one thread.
package final class Engine {
  package let model: MeshModel
  let compilation: Compilation
  package let publisher: Publisher
  /// Fetches of key sets by how they ended, for metrics.
  var keyFetches = (successes: 0, failures: 0)
  private(set) var roots = InputRoots()
  /// What is written to objects' status; nil where none is.
  var statuses: StatusReports?
  /// The source is a cluster, which has all Services, pods and Secrets.
  var isFedByCluster = false
  /// What was pushed and why.
  let pushes = PushLog()
  var auditCounters = AuditCounters()
  private let store: ObjectStore
  private let objects: FileObjects
  /// Those of the mesh's other clusters, by the clusters' names.
  private var remoteObjects: [String: FileObjects] = [:]
  private let meshConfigFile: String?
  private let networksFile: String?
  private var settingsDiagnostics: [String: [Diagnostic]] = [:]
  /// What is different of what is no object of a source's any more, or never was one.
  private var changes = ChangedObjects()

  package init(_ options: MeshOptions) {
    store = ObjectStore(Graph())
    model = MeshModel(
      store,
      options: .init(
        clusterDomain: options.domain, clusterID: options.clusterID,
        systemNamespace: options.systemNamespace,
        opensQUIC: options.opensQUIC, misdirectedRequests: options.misdirectedRequests))
    compilation = Compilation(model, sendsAllClusters: options.gatewayClusters == .all)
    publisher = Publisher(compilation) { [pushes] in pushes.elapsed }
    objects = FileObjects(store)
    meshConfigFile = options.meshConfigFile
    networksFile = options.networksConfigFile
  }

  /// The files that hold the mesh's own settings, which are no objects.
  package var settingsFiles: [String] { [meshConfigFile, networksFile].compactMap { $0 } }

  /// Takes what a file says now; answers what is new to say about it.
  package func replace(
    _ file: ParsedFile, of cluster: KubernetesCluster = .own
  ) -> [Diagnostic] {
    replace(ReadFile(file, settings: cluster == .own ? settingsFiles : []), of: cluster)
  }

  func replace(_ file: ReadFile, of cluster: KubernetesCluster = .own) -> [Diagnostic] {
    switch (file.content, cluster) {
    case (.objects(let read), .own):
      defer {
        roots.replace(read, at: file.path, of: cluster, store)
        statuses?.saw(read, at: file.path, store)
      }
      return objects.replace(read, of: file.path)
    case (.objects(let read), .remote(let name)):
      defer { roots.replace(read, at: file.path, of: cluster, store) }
      return remoteObjects[name]?.replace(read, of: file.path) ?? []
    case (.settings(let parsed), _) where file.path == meshConfigFile:
      return replaceMeshConfig(parsed)
    case (.settings(let parsed), _) where file.path == networksFile:
      return replaceNetworks(parsed)
    case (.settings, _): return []
    }
  }

  /// The file is gone. Settings stay as they were: a mesh without them would be another mesh.
  package func remove(_ path: String, of cluster: KubernetesCluster = .own) {
    if case .remote(let name) = cluster {
      remoteObjects[name]?.remove(path)
      roots.remove(path, of: cluster)
    } else if path != meshConfigFile, path != networksFile {
      objects.remove(path)
      roots.remove(path, of: cluster)
      statuses?.lost(path, store)
    }
  }

  /// A cluster's objects count from now on. Its file names are its own.
  func join(cluster name: String) {
    remoteObjects[name] = FileObjects(store, of: .remote(name))
    store.set(remoteClusters: Array(remoteObjects.keys))
  }

  /// The cluster is no part of the mesh any more.
  func leave(cluster name: String) {
    if let gone = remoteObjects.removeValue(forKey: name) {
      gone.removeAll()
      changes.add(gone.changes.take())
    }
    roots.leave(cluster: name)
    store.set(remoteClusters: Array(remoteObjects.keys))
  }

  /// Keys for a location, for whoever compares replicas.
  func count(keysOf location: KeySetLocation, _ keySet: KeySet?) {
    guard case .keys(let text)? = keySet else { return roots.set(location, nil) }
    roots.set(location, text)
  }

  /// What is different since this was last asked.
  func takeChanges() -> ChangedObjects {
    for source in [objects] + remoteObjects.sorted(by: { $0.key < $1.key }).map(\.value) {
      changes.add(source.changes.take())
    }
    return changes.take()
  }

  /// What has to be read whole of a cluster's Secrets and ConfigMaps.
  var contentDemand: SecretDemand.Objects { secretDemand.objects }

  /// Made when somebody first asks.
  private lazy var secretDemand = SecretDemand(model)

  /// Whether the mesh has no discoverySelectors, which choose among namespaces.
  var discoversAll: Bool { store.discoversAll }

  /// Whether the mesh's discoverySelectors choose the namespace; they do all where there are none.
  func discovers(_ namespace: String, in cluster: KubernetesCluster = .own) -> Bool {
    let selectors = store.meshConfig.discoverySelectors
    guard !selectors.isEmpty else { return true }
    let name = LocatedNamespace(namespace, in: cluster).object
    guard let labels = store.namespaces[name]?.metadata.labels else { return false }
    return selectors.contains { $0.matches(labels) }
  }

  private func replaceMeshConfig(_ file: ParsedFile) -> [Diagnostic] {
    guard let document = file.documents.first else {
      return settings(file.diagnostics, of: file)
    }
    let read = Settings<MeshConfig>(reading: document)
    if let config = read.value {
      store.set(meshConfig: config)
      changes.note { ObjectChange(settings: "MeshConfig", document, in: file.path) }
      roots.set("MeshConfig", document.root)
    }
    return settings(file.diagnostics + read.diagnostics, of: file)
  }

  private func replaceNetworks(_ file: ParsedFile) -> [Diagnostic] {
    guard let document = file.documents.first else {
      return settings(file.diagnostics, of: file)
    }
    let read = Settings<MeshNetworks>(reading: document)
    if let networks = read.value {
      store.set(meshNetworks: networks)
      changes.note { ObjectChange(settings: "MeshNetworks", document, in: file.path) }
      roots.set("MeshNetworks", document.root)
    }
    return settings(file.diagnostics + read.diagnostics, of: file)
  }

  private func settings(_ found: [Diagnostic], of file: ParsedFile) -> [Diagnostic] {
    let before = settingsDiagnostics[file.path] ?? []
    settingsDiagnostics[file.path] = found
    return found.filter { !before.contains($0) }
  }

  /// Objects that are refused as they stand, and why.
  package var refusals: [ObjectName: String] { objects.refusals }

  /// Those among them that istiod's validation refuses, too. It lets a Secret through whose key does
  /// not fit; here the log and `check` name it.
  package var refusalsByIstiod: [ObjectName: String] {
    refusals.filter { $0.key.kind != Kind.secret.rawValue }
  }

  /// Everything that is wrong or has no effect, in objects and between them, by file and line.
  package func analysis(_ breadth: MeshAnalysis.Breadth = .everything) -> [Diagnostic] {
    switch breadth {
    case .everything: (diagnostics + findings).sorted()
    case .ofUnknownSettings: (diagnostics + meshAnalysis.diagnostics(breadth)).sorted()
    case .asIstioctlOfFiles, .asIstioctlOfCluster:
      (diagnostics.filter { $0.code != nil } + meshAnalysis.diagnostics(breadth)).sorted()
    }
  }

  /// What istioctl would list, given the same source.
  package var istioctlsFindings: [Diagnostic] {
    analysis(isFedByCluster ? .asIstioctlOfCluster : .asIstioctlOfFiles)
  }

  /// Takes a step of the first analysis; false where none is left.
  func prepareAnalysis() -> Bool { meshAnalysis.prepare() }

  /// What is wrong or has no effect between objects, and on the proxies that are connected; what is
  /// wrong in each object was said when it was read.
  var findings: [Diagnostic] {
    let found = meshAnalysis.diagnostics()
    let atProxies = publisher.connectedClasses.flatMap {
      model.gateways.diagnostics($0) + model.policies.extensions.diagnostics($0)
    }
    return found + Set(atProxies).subtracting(found).sorted()
  }

  /// Made when somebody first asks.
  private lazy var meshAnalysis = MeshAnalysis(model)

  /// How many objects there are, for metrics.
  var objectCounts: (services: Int, virtualServices: Int) {
    (store.leadingServices.count + store.serviceEntries.count, store.virtualServices.count)
  }

  /// Everything wrong or without effect, by file and line.
  package var diagnostics: [Diagnostic] {
    (objects.diagnostics + remoteObjects.values.flatMap(\.diagnostics)
      + settingsDiagnostics.values.flatMap { $0 })
      .sorted { $0.place < $1.place }
  }
}
