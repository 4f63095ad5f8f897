internal import Resources

/// What workloads have alike that are copies of one another on one machine: all but their names.
package final class WorkloadTraits: Hashable, Sendable {
  /// What follows from nothing else.
  struct Source: Hashable {
    let namespace: String
    let clusterID: String
    /// Its own.
    let labels: [String: String]
    let localityText: String
    let network: String
    let takesMutualTLS: Bool
    /// Nil for a workload without an identity.
    let account: String?
    let trustDomain: String
    let nodeName: String?
  }

  let source: Source
  let labels: [String: String]
  let locality: NodeLocality
  let identity: String?
  let canonicalName: String?
  let canonicalRevision: String

  init(_ source: Source) {
    self.source = source
    let labels = Topology.labels(
      source.labels, clusterID: source.clusterID, localityText: source.localityText,
      node: source.nodeName, network: source.network)
    func first(_ names: String...) -> String? { names.lazy.compactMap { labels[$0] }.first }
    canonicalName = first(
      "service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
    canonicalRevision =
      first("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version")
      ?? "latest"
    self.labels = labels
    locality = NodeLocality(text: source.localityText)
    identity = source.account.map {
      "spiffe://\(source.trustDomain)/ns/\(source.namespace)/sa/\($0)"
    }
  }

  package static func == (a: WorkloadTraits, b: WorkloadTraits) -> Bool {
    a === b || a.source == b.source
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(source.namespace)
    hasher.combine(source.account)
    hasher.combine(source.labels)
  }
}

/// Traits that come again and again, each in memory once. It remembers some of the last and forgets the
/// rest: pods are asked for service by service.
final class RecurringTraits {
  private var traits: [WorkloadTraits.Source: WorkloadTraits] = [:]
  private static let most = 1000

  func traits(_ source: WorkloadTraits.Source) -> WorkloadTraits {
    if let known = traits[source] { return known }
    if traits.count >= Self.most { traits.removeAll(keepingCapacity: true) }
    let made = WorkloadTraits(source)
    traits[source] = made
    return made
  }
}
