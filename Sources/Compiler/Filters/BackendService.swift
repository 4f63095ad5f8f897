internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A service that proxies themselves call, as a provider of MeshConfig names it: a collector of logs
/// or spans, a source of certificates.
struct BackendService: Hashable {
  let host: String
  let cluster: ClusterName

  /// Nil for a service that is not there, or that several namespaces define.
  init?(_ backend: ExtensionProvider.Backend, _ model: MeshModel) {
    guard let service = model.services.service(behind: backend) else { return nil }
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
