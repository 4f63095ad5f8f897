internal import Incremental
package import Mesh
internal import Resources
internal import Segments

/// The clusters of proxies, and the endpoints of those that are told them by EDS.
///
/// A cluster is one value and its endpoints are another: an endpoint that comes or goes changes the
/// latter alone, unless it brings an identity that the service did not have.
package final class ClusterCompiler {
  package let clusters: ResourceTable<ClusterName>
  package let endpoints: ResourceTable<ClusterName>
  /// The credentials that the clusters of a class name. Sorted.
  let clientSecrets: Derived<ProxyClass, [SecretName]>

  /// A service as proxies of a class see it.
  private struct ServiceOfClass: Hashable {
    let proxies: ProxyClass
    let service: ServiceKey
  }

  package init(_ model: MeshModel) {
    let graph = model.graph
    let plans = ClusterPlans(model)
    let visible = { (proxies: ProxyClass) in
      model.services.visible(proxies.traits.namespace).map {
        ServiceOfClass(proxies: proxies, service: $0)
      }
    }
    let passesBySNI = Derived<ProxyClass, Bool>(graph, "passesBySNI") { proxies in
      model.gateways.merged(proxies).entries.contains { entry in
        entry.servers.contains { $0.spec.tls?.mode == .autoPassthrough }
      }
    }
    let ofService = Derived<ServiceOfClass, ServiceClusters>(graph, "service.clusters") {
      plans.clusters(of: $0.service, for: $0.proxies)
    }
    let gathered = Gathered(graph, "services.clusters", of: ofService, keys: visible)
    let entries = { (proxies: ProxyClass) -> [ServiceClusters.Entry] in
      let services = gathered(proxies)
      return services.flatMap(\.outbound) + [.init(name: .blackHole, usesEDS: false)]
        + (passesBySNI(proxies) ? services.flatMap(\.sniDNAT) : [])
    }
    clusters = ResourceTable(
      names: Derived(graph, "clusterNames") { proxies in
        entries(proxies).map(\.name)
          + (proxies.traits.metadata.hasCredentialSocket ? [.externalSecrets] : [])
      },
      bodies: Derived(graph, "cluster") { key in
        plans.message(of: key.name, for: key.proxies).map { Rope([$0]) }
      },
      text: \.text)
    endpoints = ResourceTable(
      names: Derived(graph, "assignmentNames") { proxies in
        entries(proxies).filter(\.usesEDS).map(\.name)
      },
      bodies: Derived(graph, "assignment") { key in
        Rope([plans.assignment(of: key.name, for: key.proxies)])
      },
      text: \.text)
    let secrets = Derived<ServiceOfClass, [SecretName]>(graph, "service.clientSecrets") {
      plans.secrets(of: $0.service, for: $0.proxies)
    }
    let allSecrets = Gathered(graph, "services.clientSecrets", of: secrets, keys: visible)
    clientSecrets = Derived(graph, "clientSecrets") { proxies in
      Set(allSecrets(proxies).joined()).sorted { $0.text < $1.text }
    }
  }
}
