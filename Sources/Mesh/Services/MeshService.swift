internal import Incremental
package import Resources
package import Store

/// What tells services apart: several namespaces may define one host name.
package struct ServiceKey: Digested, Comparable, Sendable {
  private let texts: TextPair

  package var host: String { texts.first }
  package var namespace: String { texts.second }

  package var digest: UInt64 { UInt64(truncatingIfNeeded: texts.digest) }

  package init(host: String, namespace: String) { texts = TextPair(host, namespace) }

  package static func < (a: Self, b: Self) -> Bool { a.texts < b.texts }
}

/// A host name that traffic can be sent to, from a Kubernetes Service or a ServiceEntry.
///
/// A class that never changes: all that is compiled looks services up and hands them about.
package final class MeshService: Hashable, Sendable {
  package let host: String
  package let namespace: String
  /// The Service's name; for a ServiceEntry the host.
  package let name: String
  package let key: ServiceKey
  package let source: Source
  package let resolution: Resolution
  package let isMeshExternal: Bool
  package let ports: [ServicePort]
  /// `exportTo`; nil where nothing is said and the mesh's default holds.
  package let visibility: Visibility?
  /// Who sees it, as far as the mesh's settings let it be seen.
  package let audience: Visibility
  package let labels: [String: String]
  /// Labels of the workloads behind it; empty where none are selected.
  package let selector: [String: String]
  /// Place in istiod's order of services.
  package let rank: Rank
  /// Identities that a ServiceEntry or annotations state, besides those of the endpoints.
  package let subjectAltNames: [String]
  /// Endpoints only on the client's own node (internalTrafficPolicy Local).
  package let isNodeLocal: Bool
  package let trafficDistribution: TrafficDistribution?
  /// Addresses that DNS answers are tried at once (annotation `istio.io/connect-strategy`).
  package let racesAddresses: Bool
  /// Some DestinationRule may be for it; most have none, which needs no further look.
  package let mayHaveRules: Bool

  init(
    key: ServiceKey, name: String, source: Source, resolution: Resolution, isMeshExternal: Bool,
    ports: [ServicePort], visibility: Visibility?, audience: Visibility,
    labels: [String: String], selector: [String: String], rank: Rank, subjectAltNames: [String],
    isNodeLocal: Bool, trafficDistribution: TrafficDistribution?, racesAddresses: Bool,
    mayHaveRules: Bool
  ) {
    self.key = key
    host = key.host
    namespace = key.namespace
    self.name = name
    self.source = source
    self.resolution = resolution
    self.isMeshExternal = isMeshExternal
    self.ports = ports
    self.visibility = visibility
    self.audience = audience
    self.labels = labels
    self.selector = selector
    self.rank = rank
    self.subjectAltNames = subjectAltNames
    self.isNodeLocal = isNodeLocal
    self.trafficDistribution = trafficDistribution
    self.racesAddresses = racesAddresses
    self.mayHaveRules = mayHaveRules
  }

  package static func == (a: MeshService, b: MeshService) -> Bool {
    a === b
      || (a.key == b.key && a.source == b.source && a.ports == b.ports
        && a.resolution == b.resolution && a.labels == b.labels && a.selector == b.selector
        && a.visibility == b.visibility && a.audience == b.audience && a.name == b.name
        && a.isMeshExternal == b.isMeshExternal && a.rank == b.rank
        && a.subjectAltNames == b.subjectAltNames && a.isNodeLocal == b.isNodeLocal
        && a.trafficDistribution == b.trafficDistribution && a.racesAddresses == b.racesAddresses
        && a.mayHaveRules == b.mayHaveRules)
  }

  /// Of one key there are few at a time.
  package func hash(into hasher: inout Hasher) { hasher.combine(key) }

  package enum Source: Hashable, Sendable {
    case kubernetes
    case serviceEntry(NamespacedName)

    package var isKubernetes: Bool { self == .kubernetes }
  }

  /// How a proxy gets at the addresses behind the host name.
  package enum Resolution: Hashable, Sendable {
    /// The control plane names them.
    case clientSide
    /// The client's own choice of address is kept.
    case passthrough
    case dns
    /// Any one of the addresses that DNS answers.
    case dnsRoundRobin
    /// Hosts of a wildcard, looked up as requests come.
    case dynamicDNS
    /// Another host name stands for it (ExternalName).
    case alias(of: String)
  }

  /// Keep traffic near (`spec.trafficDistribution`).
  package enum TrafficDistribution: Hashable, Sendable {
    case preferSameZone
    case preferSameNode
  }

  /// The Service, of one that Kubernetes defines.
  var objectID: NamespacedName { NamespacedName(namespace: namespace, name: name) }

  /// Cookies or headers keep a client with its endpoint, also while that one drains.
  package var keepsDrainingEndpoints: Bool {
    labels.keepDrainingEndpoints
  }
  package var holdsSessionsByCookie: Bool {
    labels["istio.io/persistent-session"]?.isEmpty == false
  }
  package var isDNS: Bool { resolution == .dns || resolution == .dnsRoundRobin }

  package func port(_ number: Int) -> ServicePort? { ports.first { $0.number == number } }
  package func port(named name: String) -> ServicePort? { ports.first { $0.name == name } }
}

extension [String: String] {
  /// Of a service's labels: see ``MeshService/keepsDrainingEndpoints``.
  var keepDrainingEndpoints: Bool {
    ["istio.io/persistent-session", "istio.io/persistent-session-header"].contains {
      self[$0]?.isEmpty == false
    }
  }
}

/// A port of a service.
package struct ServicePort: Hashable, Sendable {
  package let number: Int
  package let name: String
  package let portProtocol: PortProtocol
  /// The workload's port, where it is another one.
  package let targetPort: PortReference?

  package init(
    number: Int, name: String, portProtocol: PortProtocol, targetPort: PortReference? = nil
  ) {
    self.number = number
    self.name = name
    self.portProtocol = portProtocol
    self.targetPort = targetPort
  }
}

/// Who sees an object, `exportTo` read as istiod does: `*` anywhere is everyone, else `~` is nobody.
package enum Visibility: Hashable, Sendable {
  case everyone
  case nobody
  /// Sorted.
  case namespaces([String])

  /// Nil for an empty list.
  package init?(_ targets: [ExportTarget], of namespace: String) {
    if targets.isEmpty { return nil }
    if targets.contains(.everyone) {
      self = .everyone
    } else if targets.contains(.nobody) {
      self = .nobody
    } else {
      let names = targets.map { target -> String in
        if case .namespace(let name) = target { name } else { namespace }
      }
      self = .namespaces(Set(names).sorted())
    }
  }

  package func includes(_ namespace: String) -> Bool {
    switch self {
    case .everyone: true
    case .nobody: false
    case .namespaces(let names): names.contains(namespace)
    }
  }
}
