internal import Incremental
internal import Resources
internal import Store

/// Networks that cannot reach each other's addresses, and the gateways between them.
package final class NetworkQueries {
  private let rules: Derived<Bool, Rules>

  /// How an address's network is known.
  private struct Rules: Hashable {
    /// The label of the namespace that the control plane runs in.
    var ofSystem: String
    var ofCluster: String
    var ranges: [Named<CIDR>]
  }

  init(_ store: ObjectStore, options: MeshModel.Options) {
    let graph = store.graph
    let system = Derived<Bool, String>(graph, "systemNetwork") { _ in
      let namespace = store.namespaces[NamespacedName(namespace: "", name: "istio-system")]
      return namespace?.metadata.labels["topology.istio.io/network"] ?? ""
    }
    rules = Derived(graph, "networkRules") { _ in
      var rules = Rules(ofSystem: system(true), ofCluster: "", ranges: [])
      for network in store.meshNetworks.networks {
        for endpoints in network.value.endpoints {
          switch endpoints {
          case .fromRegistry(let cluster):
            if cluster == options.clusterID { rules.ofCluster = network.name }
          case .fromCIDR(let text):
            if let range = CIDR(text) {
              rules.ranges.append(Named(name: network.name, value: range))
            }
          }
        }
      }
      return rules
    }
  }

  /// The network of a workload: its own label, else that of its cluster, else that of its address.
  func network(of address: String?, labels: [String: String]) -> String {
    if let own = labels["topology.istio.io/network"], !own.isEmpty { return own }
    let rules = rules(true)
    if !rules.ofSystem.isEmpty { return rules.ofSystem }
    if !rules.ofCluster.isEmpty { return rules.ofCluster }
    guard !rules.ranges.isEmpty, let ip = address.flatMap({ IPAddress($0) }) else { return "" }
    return rules.ranges.first { $0.value.contains(ip) }?.name ?? ""
  }
}
