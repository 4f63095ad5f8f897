internal import Resources

/// Objects of namespaces that MeshConfig's `discoverySelectors` leave out: they are kept, and are not
/// there for anybody else.
struct WithheldObjects {
  private(set) var byNamespace: [String: [String: Resource]] = [:]

  mutating func keep(_ resource: Resource) {
    byNamespace[resource.name.namespace, default: [:]]["\(resource.name)"] = resource
  }

  /// Answers whether it was kept.
  @discardableResult mutating func forget(_ kind: Kind, _ id: NamespacedName) -> Bool {
    let name = "\(kind.rawValue) \(id.namespace)/\(id.name)"
    guard byNamespace[id.namespace]?.removeValue(forKey: name) != nil else { return false }
    if byNamespace[id.namespace]?.isEmpty == true { byNamespace[id.namespace] = nil }
    return true
  }

  mutating func takeAll(of namespace: String) -> [Resource] {
    byNamespace.removeValue(forKey: namespace).map { Array($0.values) } ?? []
  }
}

extension ObjectStore {
  /// The labels of a namespace, with the one that Kubernetes gives each.
  package func labels(ofNamespace name: String) -> [String: String] {
    let object = namespaces[NamespacedName(namespace: "", name: name)]
    return (object?.metadata.labels ?? [:])
      .merging(["kubernetes.io/metadata.name": name]) { stated, _ in stated }
  }

  /// Whether `selectors` take a namespace; none take all, and what is of no namespace is taken.
  func isDiscovered(_ namespace: String, by selectors: [LabelSelector]) -> Bool {
    if selectors.isEmpty || namespace.isEmpty { return true }
    let object = namespaces.current(NamespacedName(namespace: "", name: namespace))
    let labels = (object?.metadata.labels ?? [:])
      .merging(["kubernetes.io/metadata.name": namespace]) { stated, _ in stated }
    return selectors.contains { $0.matches(labels) }
  }

  /// All objects of namespaces, as they are now.
  var namespacedObjects: [Resource] {
    gateways.all.map { .gateway($0.value) }
      + virtualServices.all.map { .virtualService($0.value) }
      + destinationRules.all.map { .destinationRule($0.value) }
      + serviceEntries.all.map { .serviceEntry($0.value) }
      + workloadEntries.all.map { .workloadEntry($0.value) }
      + policies + kubernetesObjects
  }

  private var policies: [Resource] {
    authorizationPolicies.all.map { .authorizationPolicy($0.value) }
      + requestAuthentications.all.map { .requestAuthentication($0.value) }
      + peerAuthentications.all.map { .peerAuthentication($0.value) }
      + envoyFilters.all.map { .envoyFilter($0.value) }
      + telemetries.all.map { .telemetry($0.value) }
      + wasmPlugins.all.map { .wasmPlugin($0.value) }
      + trafficExtensions.all.map { .trafficExtension($0.value) }
      + proxyConfigs.all.map { .proxyConfig($0.value) }
      + sidecars.all.map { .sidecar($0.value) }
      + workloadGroups.all.map { .workloadGroup($0.value) }
  }

  private var kubernetesObjects: [Resource] {
    services.all.map { .service($0.value) }
      + endpointSlices.all.map { .endpointSlice($0.value) }
      + pods.all.map { .pod($0.value) }
      + secrets.all.map { .secret($0.value) }
      + configMaps.all.map { .configMap($0.value) }
  }
}
