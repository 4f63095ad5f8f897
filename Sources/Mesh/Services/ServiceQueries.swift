internal import Store

/// The services of the mesh: which there are, who sees them, and which are the proxy's own.
package final class ServiceQueries {
  private let store: ObjectStore
  private let options: MeshModel.Options

  init(_ store: ObjectStore, options: MeshModel.Options) {
    self.store = store
    self.options = options
  }

  /// The services that proxies of a namespace see, in istiod's order: each host once.
  package func visibleServices(to namespace: String) -> [ServiceKey] { [] }

  /// A service by its full key, whoever sees it.
  package func service(_ key: ServiceKey) -> MeshService? { nil }

  /// The service of that name that proxies of a namespace see.
  package func service(_ host: String, visibleTo namespace: String) -> MeshService? { nil }

  /// The service of that name in `preferred`, if proxies of `namespace` see it; else the one they see.
  package func service(
    _ host: String, visibleTo namespace: String, preferring preferred: String
  ) -> MeshService? { nil }

  /// The ports of services that select proxies of the class, by the services' order; the first is the
  /// proxy's local service.
  package func targets(of proxies: ProxyClass) -> [ServiceTarget] { [] }
}
