package import Resources

extension NodeLocality {
  /// `region/zone/subzone`; what is missing is empty.
  package init(text: String) {
    let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    self.init(
      region: parts.first.map(String.init) ?? "", zone: parts.count > 1 ? String(parts[1]) : "",
      subzone: parts.count > 2 ? String(parts[2]) : "")
  }
}

extension Topology {
  /// The locality that a workload's own label states, `/` between the parts; nil without one.
  static func localityText(ofWorkload labels: [String: String]) -> String? {
    guard
      let text = [labels["topology.istio.io/locality"], labels["istio-locality"]]
        .compactMap({ $0 }).first(where: { !$0.isEmpty })
    else { return nil }
    return text.contains("/") ? text : String(text.map { $0 == "." ? "/" : $0 })
  }

  /// The locality that a machine's labels state: all three parts, or nothing.
  static func localityText(ofNode labels: [String: String]) -> String {
    let region =
      labels["topology.kubernetes.io/region"] ?? labels["failure-domain.beta.kubernetes.io/region"]
    let zone =
      labels["topology.kubernetes.io/zone"] ?? labels["failure-domain.beta.kubernetes.io/zone"]
    let parts = [region ?? "", zone ?? "", labels["topology.istio.io/subzone"] ?? ""]
    return parts.allSatisfy(\.isEmpty) ? "" : parts.joined(separator: "/")
  }

  /// A workload's labels with those that say where it stands (istiod's `label.AugmentLabels`).
  static func labels(
    _ labels: [String: String], clusterID: String, localityText: String, node: String?,
    network: String
  ) -> [String: String] {
    var labels = labels
    let locality = NodeLocality(text: localityText)
    let added = [
      ("topology.kubernetes.io/region", locality.region),
      ("topology.kubernetes.io/zone", locality.zone),
      ("topology.istio.io/subzone", locality.subzone), ("topology.istio.io/cluster", clusterID),
      ("kubernetes.io/hostname", node ?? ""),
    ]
    for (name, value) in added where !value.isEmpty { labels[name] = value }
    if !network.isEmpty, labels["topology.istio.io/network"]?.isEmpty ?? true {
      labels["topology.istio.io/network"] = network
    }
    return labels
  }
}
