internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A service that proxies themselves call, as a provider of MeshConfig names it: a collector of logs
/// or spans, a source of certificates.
struct BackendService: Hashable {
  let host: String
  let cluster: ClusterName

  /// Nil for a service that is not there or has no such port, or that several namespaces define. istiod
  /// does not look for the port; the cluster is then unknown to Envoy, which refuses every listener
  /// that names it.
  init?(_ backend: ExtensionProvider.Backend, _ model: MeshModel) {
    guard let service = model.services.service(behind: backend),
      model.services.service(service)?.ports
        .contains(where: { $0.number == backend.port }) ?? false
    else { return nil }
    host = service.host
    cluster = .outbound(port: backend.port, host: service.host)
  }

  var grpc: Envoy.GrpcService.EnvoyGrpc { .init(clusterName: cluster.text, authority: host) }
}

extension MeshConfig {
  /// The first provider of that name, in any case, as istiod finds it.
  func extensionProvider(named name: String) -> ExtensionProvider? {
    let name = name.lowercased()
    return extensionProviders.first { $0.name.lowercased() == name }
  }
}
