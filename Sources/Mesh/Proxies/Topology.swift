package import Resources

/// Where a workload stands, by the labels of its pod and of the Node under it.
package enum Topology {
  /// A pod's labels with its locality, as istiod adds it (`pilot/pkg/serviceregistry/kube`): the
  /// pod's own locality label, else the region, zone and subzone of its Node.
  package static func labels(
    of pod: Object<Pod>, on node: Object<KubernetesNode>?
  ) -> [String: String] {
    var labels = pod.metadata.labels
    guard locality(of: labels) == nil, let machine = node?.metadata.labels else { return labels }
    labels["topology.kubernetes.io/region"] =
      machine["topology.kubernetes.io/region"]
      ?? machine["failure-domain.beta.kubernetes.io/region"]
    labels["topology.kubernetes.io/zone"] =
      machine["topology.kubernetes.io/zone"] ?? machine["failure-domain.beta.kubernetes.io/zone"]
    labels["topology.istio.io/subzone"] = machine["topology.istio.io/subzone"]
    return labels
  }

  /// The locality that labels state; nil where they state none.
  package static func locality(of labels: [String: String]) -> NodeLocality? {
    if let region = labels["topology.kubernetes.io/region"] {
      return NodeLocality(
        region: region, zone: labels["topology.kubernetes.io/zone"] ?? "",
        subzone: labels["topology.istio.io/subzone"] ?? "")
    }
    guard let text = labels["topology.istio.io/locality"] ?? labels["istio-locality"] else {
      return nil
    }
    let separator: Character = text.contains("/") ? "/" : "."
    let parts = text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    return NodeLocality(
      region: parts[0], zone: parts.count > 1 ? parts[1] : "",
      subzone: parts.count > 2 ? parts[2] : "")
  }
}
