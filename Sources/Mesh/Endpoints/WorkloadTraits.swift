internal import Resources

/// What workloads have alike that are copies of one another on one machine: all but their names.
package final class WorkloadTraits: Hashable, Sendable {
  let site: WorkloadSite
  let namespace: String
  let labels: WorkloadLabels
  let takesMutualTLS: Bool
  let identity: String?
  let isDraining: Bool
  /// What telemetry calls the service that the workload is part of; nil for the workload's own name.
  private let telemetryService: String?
  /// Empty for the latest.
  private let telemetryRevision: String

  /// What the others follow from.
  struct Source: Equatable {
    let namespace: String
    /// Its own.
    let labels: [String: String]
    let takesMutualTLS: Bool
    /// Nil for a workload without an identity.
    let account: String?
    let trustDomain: String

    /// What tells most apart first.
    static func == (a: Self, b: Self) -> Bool {
      a.account == b.account && a.takesMutualTLS == b.takesMutualTLS
        && a.namespace == b.namespace && a.labels == b.labels && a.trustDomain == b.trustDomain
    }
  }

  init(_ source: Source, at site: WorkloadSite) {
    self.site = site
    namespace = source.namespace
    let labels = WorkloadLabels(own: source.labels, site: site)
    self.labels = labels
    takesMutualTLS = source.takesMutualTLS
    identity = source.account.map {
      "spiffe://\(source.trustDomain)/ns/\(source.namespace)/sa/\($0)"
    }
    isDraining = labels["istio.io/draining"]?.isEmpty == false
    telemetryService =
      labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"]
      ?? labels["app"]
    let revision =
      labels["service.istio.io/canonical-revision"] ?? labels["app.kubernetes.io/version"]
      ?? labels["version"] ?? ""
    telemetryRevision = revision == "latest" ? "" : revision
  }

  /// What telemetry says of the workload: `name;namespace;service;revision;cluster`. The service it is
  /// part of is known by label, else by the workload's name.
  func telemetryText(of name: String) -> String {
    .written {
      $0.add(name)
      $0.add(";")
      $0.add(namespace)
      $0.add(";")
      $0.add(telemetryService ?? name)
      $0.add(";")
      $0.add(telemetryRevision)
      $0.add(";")
      $0.add(site.clusterID)
    }
  }

  package static func == (a: WorkloadTraits, b: WorkloadTraits) -> Bool {
    a === b
      || (a.namespace == b.namespace && a.identity == b.identity
        && a.takesMutualTLS == b.takesMutualTLS && a.labels == b.labels)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(namespace)
    hasher.combine(identity)
  }
}

/// Where workloads run: what those of one machine have alike.
package final class WorkloadSite: Hashable, Sendable {
  let clusterID: String
  let localityText: String
  let locality: NodeLocality
  let network: String
  let nodeName: String?
  /// Those that say where a workload stands, whatever its own do.
  let labels: [String: String]

  init(clusterID: String, localityText: String, network: String, nodeName: String?) {
    self.clusterID = clusterID
    self.localityText = localityText
    self.network = network
    self.nodeName = nodeName
    locality = NodeLocality(text: localityText)
    labels = Topology.labels(clusterID: clusterID, locality: locality, node: nodeName)
  }

  package static func == (a: WorkloadSite, b: WorkloadSite) -> Bool {
    a === b
      || (a.nodeName == b.nodeName && a.localityText == b.localityText && a.network == b.network
        && a.clusterID == b.clusterID)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(nodeName)
    hasher.combine(localityText)
  }
}

/// A workload's labels with those that say where it stands (istiod's `label.AugmentLabels`): what
/// subsets and failover priorities look at.
package struct WorkloadLabels: Hashable, Sendable {
  fileprivate let own: [String: String]
  fileprivate let site: WorkloadSite

  package subscript(name: String) -> String? {
    if let label = site.labels[name] { return label }
    let label = own[name]
    guard label?.isEmpty ?? true, !site.network.isEmpty, name == Topology.networkLabel else {
      return label
    }
    return site.network
  }
}

/// Traits that come again and again, each in memory once. It remembers some of the last and forgets the
/// rest: pods are asked for service by service.
final class RecurringTraits {
  private struct Key: Hashable {
    let namespace: String
    let account: String?
  }

  private var traits: [Key: [(source: WorkloadTraits.Source, traits: WorkloadTraits)]] = [:]
  private var sites: Set<WorkloadSite> = []
  /// Some of those asked for last, in no order: those of what stands together are mostly of few kinds.
  private var recent: [(source: WorkloadTraits.Source, traits: WorkloadTraits)] = []
  /// Which of them the next takes the place of.
  private var oldest = 0
  private var lastSite: WorkloadSite?
  private static let most = 1000
  /// Of one account; those of a service's pods, mostly.
  private static let mostAlike = 8
  private static let mostRecent = 4

  func traits(_ source: WorkloadTraits.Source, at site: WorkloadSite) -> WorkloadTraits {
    for place in recent.indices
    where recent[place].traits.site === site && recent[place].source == source {
      return recent[place].traits
    }
    let traits = remembered(source, at: site)
    if recent.count < Self.mostRecent {
      recent.append((source, traits))
    } else {
      recent[oldest] = (source, traits)
      oldest = (oldest + 1) % Self.mostRecent
    }
    return traits
  }

  private func remembered(_ source: WorkloadTraits.Source, at site: WorkloadSite) -> WorkloadTraits
  {
    let key = Key(namespace: source.namespace, account: source.account)
    let alike = traits[key] ?? []
    if let known = alike.last(where: { $0.source == source && $0.traits.site == site }) {
      return known.traits
    }
    if traits.count >= Self.most { traits.removeAll(keepingCapacity: true) }
    let made = WorkloadTraits(source, at: site)
    traits[key] = alike.suffix(Self.mostAlike - 1) + [(source, made)]
    return made
  }

  /// Of something that is on no known machine.
  func site(clusterID: String, localityText: String, network: String) -> WorkloadSite {
    if let lastSite, lastSite.nodeName == nil, lastSite.localityText == localityText,
      lastSite.network == network, lastSite.clusterID == clusterID
    {
      return lastSite
    }
    let site = site(
      WorkloadSite(
        clusterID: clusterID, localityText: localityText, network: network, nodeName: nil))
    lastSite = site
    return site
  }

  func site(_ site: WorkloadSite) -> WorkloadSite {
    if sites.count >= Self.most { sites.removeAll(keepingCapacity: true) }
    return sites.insert(site).memberAfterInsert
  }
}
