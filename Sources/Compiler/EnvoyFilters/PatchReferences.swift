internal import Mesh
internal import Resources

/// The clusters that EnvoyFilters can send requests to: those that texts of patches name, and all of
/// the services that the objects say they need.
struct PatchReferences {
  let model: MeshModel
  let proxies: ProxyClass

  var clusters: [ClusterName] {
    model.envoyFilters.mentions(proxies).clusters.map(\.name) + ofServices
  }

  private var ofServices: [ClusterName] {
    let wanted = model.envoyFilters.services(proxies)
    guard !wanted.isEmpty else { return [] }
    let namespace = proxies.traits.namespace
    let services = model.services.visible(namespace).filter { service in
      wanted.contains {
        $0.host == service.host && ($0.namespace ?? service.namespace) == service.namespace
      }
    }
    return services.flatMap { key -> [ClusterName] in
      let ports = model.services.service(key, visibleTo: namespace)?.ports ?? []
      let subsets = model.rules.rule(for: key, seenBy: proxies)?.subsets.map(\.name) ?? []
      return ports.flatMap { port in
        ([""] + subsets).map { .outbound(port: port.number, subset: $0, host: key.host) }
      }
    }
  }
}
