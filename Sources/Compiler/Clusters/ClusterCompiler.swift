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

  /// Which clusters a gateway is sent; a sidecar is sent those of all services it sees.
  package enum Selection {
    case all
    /// Those that its routes and filters name.
    case referenced((ProxyClass) -> [ClusterName])
  }

  package init(_ model: MeshModel, gateways selection: Selection) {
    let graph = model.graph
    let plans = ClusterPlans(model)
    let names = ClusterNames(model, plans, selection)
    let patching = ClusterPatching(model)
    let extensionHosts = Derived<ProxyClass, [ClusterName]>(graph, "extensionHosts") {
      ExtensionCompiler.hosts(model, $0)
    }
    clusters = ResourceTable(
      names: Derived(graph, "clusterNames") { proxies in
        let generated =
          names.entries(for: proxies).map(\.name)
          + (proxies.traits.metadata.hasCredentialSocket ? [.externalSecrets] : [])
          + extensionHosts(proxies)
        return generated + patching.added(to: generated, proxies)
      },
      bodies: Derived(graph, "cluster") { key in
        patching.body(key, of: plans.message(of: key.name, for: key.proxies))
      },
      text: \.text)
    endpoints = ResourceTable(
      names: Derived(graph, "assignmentNames") { proxies in
        names.entries(for: proxies).filter(\.usesEDS).map(\.name)
      },
      bodies: Derived(graph, "assignment") { key in
        plans.assignment(of: key.name, for: key.proxies)
      },
      text: \.text)
    let secrets = Derived<ResourceKey<ClusterName>, [SecretName]>(graph, "cluster.secrets") {
      plans.secrets(of: $0.name, for: $0.proxies)
    }
    clientSecrets = Derived(graph, "clientSecrets") { proxies in
      let credentialed = names.entries(for: proxies).filter(\.namesCredentials)
      let all = credentialed.flatMap { secrets(ResourceKey(proxies, $0.name)) }
      return Set(all).sorted { $0.text < $1.text }
    }
  }
}

/// Which clusters there are for a class of proxies, in istiod's order.
private struct ClusterNames {
  private let all: Derived<ProxyClass, [ServiceClusters.Entry]>
  private let referenced: Derived<ProxyClass, [ServiceClusters.Entry]>?

  /// A service as proxies of a class see it.
  private struct ServiceOfClass: Digested {
    let proxies: ProxyClass
    let service: ServiceKey

    var digest: UInt64 { service.digest.mixed(with: proxies.digest) }
  }

  init(_ model: MeshModel, _ plans: ClusterPlans, _ selection: ClusterCompiler.Selection) {
    let graph = model.graph
    let passesBySNI = Derived<ProxyClass, Bool>(graph, "passesBySNI") { proxies in
      model.gateways.merged(proxies).entries.contains { entry in
        entry.servers.contains { $0.spec.tls?.mode == .autoPassthrough }
      }
    }
    let ofService = Derived<ServiceOfClass, ServiceClusters>(graph, "service.clusters") {
      plans.clusters(of: $0.service, for: $0.proxies)
    }
    let services = Gathered(graph, "services.clusters", of: ofService) { (proxies: ProxyClass) in
      model.services.visible(proxies.traits.namespace).map {
        ServiceOfClass(proxies: proxies, service: $0)
      }
    }
    all = Derived(graph, "clusters.all") { proxies in
      let services = services(proxies)
      return services.flatMap(\.outbound) + [.blackHole]
        + (passesBySNI(proxies) ? services.flatMap(\.sniDNAT) : [])
    }
    guard case .referenced(let references) = selection else {
      referenced = nil
      return
    }
    let entry = Derived<ResourceKey<ClusterName>, ServiceClusters.Entry?>(graph, "cluster.entry") {
      plans.entry(of: $0.name, for: $0.proxies)
    }
    referenced = Derived(graph, "clusters.referenced") { proxies in
      references(proxies).compactMap { entry(ResourceKey(proxies, $0)) } + [.blackHole]
    }
  }

  func entries(for proxies: ProxyClass) -> [ServiceClusters.Entry] {
    guard proxies.traits.type == .router, let referenced else { return all(proxies) }
    return referenced(proxies)
  }
}

/// The clusters of one service, by what they are for.
struct ServiceClusters: Hashable {
  struct Entry: Hashable {
    let name: ClusterName
    let usesEDS: Bool
    let namesCredentials: Bool

    static let blackHole = Entry(name: .blackHole, usesEDS: false, namesCredentials: false)
  }

  var outbound: [Entry] = []
  /// Entered by SNI from other networks.
  var sniDNAT: [Entry] = []
}
