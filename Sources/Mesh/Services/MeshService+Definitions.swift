internal import Resources
internal import Store

extension MeshService {
  /// A Kubernetes Service as istiod's `kube.ConvertService` reads it.
  init(_ object: Object<Service>, namespaceDefault: TrafficDistribution?, context: Context) {
    let (spec, metadata) = (object.spec, object.metadata)
    host = "\(metadata.name).\(metadata.namespace).svc.\(context.clusterDomain)"
    namespace = metadata.namespace
    name = metadata.name
    source = .kubernetes
    let alias = spec.type == .externalName ? spec.externalName ?? "" : ""
    resolution =
      spec.isHeadless ? .passthrough : alias.isEmpty ? .clientSide : .alias(of: alias)
    isMeshExternal = !alias.isEmpty
    ports = spec.ports.map {
      ServicePort(
        number: $0.port, name: $0.name ?? "", portProtocol: $0.portProtocol,
        targetPort: $0.targetPort)
    }
    visibility = Visibility(object.exportTo, of: metadata.namespace)
    labels = metadata.labels
    selector = spec.selector
    rank = Rank(metadata)
    subjectAltNames = object.annotatedIdentities(trustDomain: context.trustDomain)
    isNodeLocal = spec.internalTrafficPolicy == .local
    trafficDistribution =
      switch spec.trafficDistribution {
      case "PreferClose", "PreferSameZone": .preferSameZone
      case "PreferSameNode": .preferSameNode
      case .some, nil: TrafficDistribution.annotated(metadata, or: namespaceDefault)
      }
    racesAddresses = false
  }

  /// One host of a ServiceEntry.
  init(
    _ host: String, of object: Object<ServiceEntry>, namespaceDefault: TrafficDistribution?
  ) {
    let (spec, metadata) = (object.spec, object.metadata)
    self.host = host
    namespace = metadata.namespace
    name = host
    source = .serviceEntry(NamespacedName(namespace: metadata.namespace, name: metadata.name))
    resolution =
      switch spec.resolution {
      case .none: .passthrough
      case .static: .clientSide
      case .dns: .dns
      case .dnsRoundRobin: .dnsRoundRobin
      case .dynamicDNS: .dynamicDNS
      }
    isMeshExternal = spec.location == .meshExternal
    ports = spec.ports.map {
      ServicePort(
        number: $0.number, name: $0.name, portProtocol: $0.portProtocol,
        targetPort: $0.targetPort.map(PortReference.number))
    }
    visibility = Visibility(spec.exportTo, of: metadata.namespace)
    labels = metadata.labels
    selector = spec.workloadSelector ?? [:]
    rank = Rank(metadata, name: host)
    subjectAltNames = spec.subjectAltNames
    isNodeLocal = false
    trafficDistribution = TrafficDistribution.annotated(metadata, or: namespaceDefault)
    racesAddresses =
      metadata.annotations["istio.io/connect-strategy"]?.uppercased() == "RACE_FIRST_TCP_CONNECT"
  }

  /// What a definition needs to know of the mesh.
  struct Context: Hashable {
    let clusterDomain: String
    let trustDomain: String
  }

  /// This service with the ports of another definition of the same host in the same namespace, where
  /// istiod lets them be one (`canMergeServices`).
  func merged(with other: MeshService) -> MeshService {
    guard
      source.isKubernetes == other.source.isKubernetes, resolution == other.resolution,
      labels == other.labels, selector == other.selector, visibility == other.visibility
    else { return self }
    var merged = self
    merged.ports += other.ports.filter { port($0.number) == nil }
    return merged
  }
}

extension MeshService {
  /// This service with identities that the same one states elsewhere.
  func stating(_ names: [String]) -> MeshService {
    var service = self
    service.subjectAltNames += names.filter { !subjectAltNames.contains($0) }
    return service
  }
}

extension MeshService.TrafficDistribution {
  /// What an object's annotation says; `fallback` where it has none. An unknown word is none.
  static func annotated(_ metadata: ObjectMeta, or fallback: Self?) -> Self? {
    guard
      let text = metadata.annotations["networking.istio.io/traffic-distribution"], !text.isEmpty
    else { return fallback }
    return switch text.lowercased() {
    case "preferclose", "prefersamezone": .preferSameZone
    case "prefersamenode": .preferSameNode
    default: nil
    }
  }
}
