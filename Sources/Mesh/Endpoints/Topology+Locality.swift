package import Resources

extension NodeLocality {
  /// `region/zone/subzone`; what is missing is empty.
  package init(text: String) {
    guard text.has(UInt8(ascii: "/")) else {
      self.init(region: text, zone: "", subzone: "")
      return
    }
    let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    self.init(
      region: parts.first.map(String.init) ?? "", zone: parts.count > 1 ? String(parts[1]) : "",
      subzone: parts.count > 2 ? String(parts[2]) : "")
  }
}

extension Topology {
  /// The locality that a workload's own label states, `/` between the parts; nil without one.
  static func localityText(ofWorkload labels: [String: String]) -> String? {
    func stated(_ name: String) -> String? {
      labels[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    guard let text = stated("topology.istio.io/locality") ?? stated("istio-locality") else {
      return nil
    }
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

  static let networkLabel = "topology.istio.io/network"

  /// The labels that say where a workload stands, but for its network.
  static func labels(
    clusterID: String, locality: NodeLocality, node: String?
  ) -> [String: String] {
    var labels: [String: String] = [:]
    func state(_ name: String, _ value: String) { if !value.isEmpty { labels[name] = value } }
    state("topology.kubernetes.io/region", locality.region)
    state("topology.kubernetes.io/zone", locality.zone)
    state("topology.istio.io/subzone", locality.subzone)
    state("topology.istio.io/cluster", clusterID)
    state("kubernetes.io/hostname", node ?? "")
    return labels
  }
}
