internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources
internal import Segments
internal import Store
internal import TLS

/// The certificates and CAs that a class of proxies is sent: those that its servers and clusters name,
/// and that are its to have.
package final class SecretCompiler {
  package let secrets: ResourceTable<SecretName>

  /// `clientSecrets` are those that the proxies' clusters name.
  init(_ model: MeshModel, clientSecrets: @escaping (ProxyClass) -> [SecretName]) {
    let store = model.store
    secrets = ResourceTable(
      names: Derived(model.graph, "secretNames") { proxies in
        guard proxies.traits.mayHaveSecrets else { return [] }
        let named = SecretCompiler.serverSecrets(model, proxies) + clientSecrets(proxies)
        return Set(named.filter { SecretCompiler.isFor(proxies, $0) }).sorted { $0.text < $1.text }
      },
      bodies: Derived(model.graph, "secret") { key in
        SecretContents(store).message(key.name)
      },
      text: \.text)
  }

  private static func serverSecrets(
    _ model: MeshModel, _ proxies: ProxyClass
  ) -> [SecretName] {
    let servers = model.gateways.merged(proxies).entries.flatMap(\.servers)
    return servers.flatMap { server -> [SecretName] in
      guard let tls = server.spec.tls, case .credentials(let credentials) = tls.certificates else {
        return []
      }
      func name(_ credential: String, _ content: SecretName.Content) -> SecretName? {
        SecretName(
          credential: credential, content: content, proxyNamespace: proxies.traits.namespace)
      }
      let certificates = credentials.compactMap { name($0, .certificate) }
      switch tls.mode {
      case .mutual, .optionalMutual:
        let authorities =
          tls.caCertCredentialName.map { [name($0, .authority), name($0, .certificate)] }
          ?? credentials.prefix(1).map { name($0, .authority) }
        return certificates + authorities.compactMap { $0 }
      case .simple: return certificates
      case .passthrough, .autoPassthrough, .istioMutual: return []
      }
    }
  }

  /// A Secret is for proxies of its own namespace; a CA in a ConfigMap is no secret.
  private static func isFor(_ proxies: ProxyClass, _ name: SecretName) -> Bool {
    switch name.source {
    case .secret(let id): id.namespace == proxies.traits.namespace
    case .configMap: true
    }
  }
}

/// What Secrets and ConfigMaps hold, by istiod's rules (`pilot/pkg/credentials/kube/secrets.go`).
private struct SecretContents {
  private let store: ObjectStore

  init(_ store: ObjectStore) { self.store = store }

  /// Nil where there is none, or it cannot be served: a key that does not fit its certificate.
  func message(_ name: SecretName) -> Rope? {
    switch name.source {
    case .secret(let id):
      name.content == .certificate ? certificate(name, id) : authority(name, id)
    case .configMap(let id): authorityFromConfigMap(name, id)
    }
  }

  private func certificate(_ name: SecretName, _ id: NamespacedName) -> Rope? {
    guard let certificate = store.secrets[id]?.spec.serverCertificate else { return nil }
    return Rope(
      Envoy.encode {
        Envoy.Secret(
          name: name.text,
          type: .tlsCertificate(
            .init(
              certificateChain: .bytes(certificate.chain),
              privateKey: .bytes(certificate.privateKey),
              ocspStaple: certificate.ocspStaple.map { .bytes($0) })))
      })
  }

  /// The CA of `x` is in the Secret `x-cacert`, else in `x` itself.
  private func authority(_ name: SecretName, _ id: NamespacedName) -> Rope? {
    let beside = NamespacedName(
      namespace: id.namespace, name: id.name + SecretName.authoritySuffix)
    for candidate in [beside, id] {
      guard let data = store.secrets[candidate]?.spec.data else { continue }
      for (authority, revocations) in [("cacert", "crl"), ("ca.crt", "ca.crl")] {
        guard let bytes = data[authority], !bytes.isEmpty else { continue }
        return message(name, .bytes(bytes), data[revocations].map { .bytes($0) })
      }
    }
    return nil
  }

  private func authorityFromConfigMap(_ name: SecretName, _ id: NamespacedName) -> Rope? {
    guard let data = store.configMaps[id]?.spec.data else { return nil }
    for (authority, revocations) in [("cacert", "crl"), ("ca.crt", "ca.crl")] {
      guard let text = data[authority], !text.isEmpty else { continue }
      return message(
        name, .bytes(Array(text.utf8)), data[revocations].map { .bytes(Array($0.utf8)) })
    }
    return nil
  }

  private func message(
    _ name: SecretName, _ authority: @autoclosure () -> Envoy.DataSource,
    _ revocations: @autoclosure () -> Envoy.DataSource?
  ) -> Rope {
    Rope(
      Envoy.encode {
        Envoy.Secret(
          name: name.text,
          type: .validationContext(.init(trustedCa: authority(), crl: revocations())))
      })
  }
}

extension Envoy.DataSource {
  static func bytes(_ bytes: [UInt8]) -> Envoy.DataSource {
    .init(specifier: .inlineBytes(bytes))
  }
  fileprivate static func bytes(_ secret: SecretBytes) -> Envoy.DataSource {
    .bytes(secret.withBytes { bytes in (0..<bytes.count).map { bytes[$0] } })
  }
}
