package import Resources

/// A provider of MeshConfig that is asked whether a request or connection may pass, and the service
/// that it is (istiod's `processExtensionProvider`).
package struct Authorizer: Hashable, Sendable {
  package let name: String
  package let service: ServiceKey
  package let settings: Settings

  package enum Settings: Hashable, Sendable {
    case http(ExtensionProvider.ExternalAuthorizationHTTP)
    case grpc(ExtensionProvider.ExternalAuthorizationGRPC)

    package var backend: ExtensionProvider.Backend {
      switch self {
      case .http(let http): http.backend
      case .grpc(let grpc): grpc.backend
      }
    }
  }

  /// Why a provider cannot be asked. What a policy would ask it about is then denied.
  package enum Problem: Hashable, Sendable {
    /// No provider has the name, or none that authorizes; these there are, sorted.
    case unknown(known: [String])
    /// Wrong by itself; istiod, or Envoy, would not take it.
    case unusable
    case serviceNotFound(String)
  }

  package enum Search: Hashable, Sendable {
    case found(Authorizer)
    case problem(Problem)
  }
}

extension MeshModel {
  /// The provider that policies mean by a name.
  package func authorizer(named name: String) -> Authorizer.Search {
    let all = store.meshConfig.extensionProviders.compactMap { provider in
      Authorizer.Settings(provider.provider).map { (name: provider.name, settings: $0) }
    }
    guard let settings = all.first(where: { $0.name == name })?.settings else {
      return .problem(.unknown(known: all.map(\.name).sorted()))
    }
    guard ExtensionProvider.isAuthorizerName(name), settings.isUsable else {
      return .problem(.unusable)
    }
    guard let service = services.service(behind: settings.backend) else {
      return .problem(.serviceNotFound(settings.backend.host))
    }
    return .found(Authorizer(name: name, service: service, settings: settings))
  }
}

extension Authorizer.Settings {
  fileprivate init?(_ provider: ExtensionProvider.Provider) {
    switch provider {
    case .envoyExtAuthzHttp(let http): self = .http(http)
    case .envoyExtAuthzGrpc(let grpc): self = .grpc(grpc)
    case .zipkin, .lightstep, .datadog, .stackdriver, .opencensus, .skywalking, .opentelemetry,
      .prometheus, .envoyFileAccessLog, .envoyHttpAls, .envoyTcpAls, .envoyOtelAls, .sds:
      return nil
    }
  }

  fileprivate var isUsable: Bool {
    switch self {
    case .http(let http): http.isUsable
    case .grpc(let grpc): grpc.isUsable
    }
  }
}
