internal import Mesh
internal import Resources

/// The credentials that a Gateway's servers name. Unlike those of clusters, `sds://…` may be asked of a
/// service of the mesh (istiod's `ConstructSdsSecretConfigForCredential`).
struct ServerCredentials: Hashable {
  private let traits: ProxyTraits
  private let provider: Provider

  private enum Provider: Hashable {
    case service(BackendService)
    /// MeshConfig names a service that is not there.
    case unavailable
    case none
  }

  init(_ model: MeshModel, _ traits: ProxyTraits) {
    self.traits = traits
    let first = model.store.meshConfig.extensionProviders.lazy.compactMap { provider in
      if case .sds(let sds) = provider.provider { sds } else { nil }
    }.first
    if let first, !traits.metadata.hasCredentialSocket {
      provider = BackendService(first.backend, model).map { .service($0) } ?? .unavailable
    } else {
      provider = .none
    }
  }

  func reference(_ credential: String, _ content: SecretName.Content) -> SecretReference {
    guard let name = SecretName.externalName(credential) else {
      return .credential(credential, content, of: traits)
    }
    switch provider {
    case .service(let service):
      let suffix = content == .authority ? SecretName.authoritySuffix : ""
      return .external(name + suffix, cluster: service.cluster.text, authority: service.host)
    case .unavailable: return .controlPlane(name: "invalid://")
    case .none: return .credential(credential, content, of: traits)
    }
  }

  /// What the control plane has to serve of a server's settings.
  func served(_ settings: ServerTLSSettings) -> [SecretName] {
    Self.named(settings).compactMap { credential, content in
      guard case .controlPlane = reference(credential, content) else { return nil }
      return SecretName(
        credential: credential, content: content, proxyNamespace: traits.namespace)
    }
  }

  /// The services of the mesh that are asked for a server's credentials.
  func services(_ settings: ServerTLSSettings) -> [ClusterName] {
    guard case .service(let service) = provider,
      Self.named(settings).contains(where: { SecretName.externalName($0.0) != nil })
    else { return [] }
    return [service.cluster]
  }

  /// What a server's settings name.
  static func named(_ settings: ServerTLSSettings) -> [(String, SecretName.Content)] {
    guard case .credentials(let credentials) = settings.certificates else { return [] }
    let certificates = credentials.map { ($0, SecretName.Content.certificate) }
    switch settings.mode {
    case .simple: return certificates
    case .mutual, .optionalMutual:
      // The CA's own name is asked for as it stands.
      return certificates
        + (settings.caCertCredentialName.map { [($0, .certificate)] }
          ?? credentials.prefix(1).map { ($0, .authority) })
    case .passthrough, .autoPassthrough, .istioMutual: return []
    }
  }
}
