internal import Resources
internal import Store

extension MeshService {
  /// A Kubernetes Service as istiod's `kube.ConvertService` reads it.
  convenience init(
    _ object: Object<Service>, host: String, in surroundings: Surroundings, mayHaveRules: Bool
  ) {
    let (spec, metadata) = (object.spec, object.metadata)
    let alias = spec.type == .externalName ? spec.externalName ?? "" : ""
    let visibility = Visibility(object.exportTo, of: metadata.namespace)
    let distribution: TrafficDistribution? =
      switch spec.trafficDistribution {
      case "PreferClose", "PreferSameZone": .preferSameZone
      case "PreferSameNode": .preferSameNode
      case .some, nil: TrafficDistribution.annotated(metadata, or: surroundings.distribution)
      }
    self.init(
      key: ServiceKey(host: host, namespace: metadata.namespace), name: metadata.name,
      source: .kubernetes,
      resolution: spec.isHeadless
        ? .passthrough : alias.isEmpty ? .clientSide : .alias(of: alias),
      isMeshExternal: !alias.isEmpty,
      ports: spec.ports.map {
        ServicePort(
          number: $0.port, name: $0.name ?? "", portProtocol: $0.portProtocol,
          targetPort: $0.targetPort)
      },
      visibility: visibility, audience: visibility ?? surroundings.unstatedAudience,
      labels: metadata.labels, selector: spec.selector, rank: Rank(metadata),
      subjectAltNames: object.annotatedIdentities(trustDomain: surroundings.trustDomain),
      isNodeLocal: spec.internalTrafficPolicy == .local,
      trafficDistribution: distribution,
      racesAddresses: false, mayHaveRules: mayHaveRules)
  }

  /// One host of a ServiceEntry.
  convenience init(
    _ definition: ServiceDefinition, of object: Object<ServiceEntry>,
    in surroundings: Surroundings, mayHaveRules: Bool
  ) {
    let (spec, metadata) = (object.spec, object.metadata)
    let visibility = Visibility(spec.exportTo, of: metadata.namespace)
    let resolution: Resolution =
      switch spec.resolution {
      case .none: .passthrough
      case .static: .clientSide
      case .dns: .dns
      case .dnsRoundRobin: .dnsRoundRobin
      case .dynamicDNS: .dynamicDNS
      }
    self.init(
      key: definition.key, name: definition.key.host, source: definition.source,
      resolution: resolution, isMeshExternal: spec.location == .meshExternal,
      ports: spec.ports.map {
        ServicePort(
          number: $0.number, name: $0.name, portProtocol: $0.portProtocol,
          targetPort: $0.targetPort.map(PortReference.number))
      },
      visibility: visibility,
      audience: surroundings.entryLimit.limited(
        visibility ?? surroundings.unstatedAudience, in: metadata.namespace),
      labels: metadata.labels, selector: spec.workloadSelector ?? [:],
      rank: definition.rank, subjectAltNames: spec.subjectAltNames, isNodeLocal: false,
      trafficDistribution: TrafficDistribution.annotated(metadata, or: surroundings.distribution),
      racesAddresses: metadata.annotations["istio.io/connect-strategy"]?.uppercased()
        == "RACE_FIRST_TCP_CONNECT",
      mayHaveRules: mayHaveRules)
  }

  /// What a definition takes over from its namespace and the mesh.
  struct Surroundings: Hashable {
    let trustDomain: String
    /// What the namespace's annotation says.
    let distribution: TrafficDistribution?
    /// Who sees what says nothing about it.
    let unstatedAudience: Visibility
    let entryLimit: EntryVisibilityLimit.Limit
  }

  private convenience init(
    _ other: MeshService, ports: [ServicePort], subjectAltNames: [String]
  ) {
    self.init(
      key: other.key, name: other.name, source: other.source, resolution: other.resolution,
      isMeshExternal: other.isMeshExternal, ports: ports, visibility: other.visibility,
      audience: other.audience, labels: other.labels, selector: other.selector, rank: other.rank,
      subjectAltNames: subjectAltNames, isNodeLocal: other.isNodeLocal,
      trafficDistribution: other.trafficDistribution, racesAddresses: other.racesAddresses,
      mayHaveRules: other.mayHaveRules)
  }

  /// The same service under other names.
  package func named(host: String, name: String, namespace: String) -> MeshService {
    MeshService(
      key: ServiceKey(host: host, namespace: namespace), name: name, source: source,
      resolution: resolution, isMeshExternal: isMeshExternal, ports: ports,
      visibility: visibility, audience: audience, labels: labels, selector: selector, rank: rank,
      subjectAltNames: subjectAltNames, isNodeLocal: isNodeLocal,
      trafficDistribution: trafficDistribution, racesAddresses: racesAddresses,
      mayHaveRules: mayHaveRules)
  }

  /// This service with the ports of another definition of the same host in the same namespace, where
  /// istiod lets them be one (`canMergeServices`).
  func merged(with other: MeshService) -> MeshService {
    guard
      source.isKubernetes == other.source.isKubernetes, resolution == other.resolution,
      labels == other.labels, selector == other.selector, visibility == other.visibility
    else { return self }
    return MeshService(
      self, ports: ports + other.ports.filter { port($0.number) == nil },
      subjectAltNames: subjectAltNames)
  }

  /// This service with identities that the same one states elsewhere.
  func stating(_ names: [String]) -> MeshService {
    let others = names.filter { !subjectAltNames.contains($0) }
    return others.isEmpty
      ? self : MeshService(self, ports: ports, subjectAltNames: subjectAltNames + others)
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
