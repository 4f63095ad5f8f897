internal import EnvoyAPI
internal import Mesh
internal import Resources
internal import Segments
internal import Store
internal import TLS

/// What Secrets and ConfigMaps hold, by istiod's rules (`pilot/pkg/credentials/kube/secrets.go`).
struct SecretContents {
  private let store: ObjectStore
  private let accelerator: KeyAccelerator?

  init(_ store: ObjectStore, _ accelerator: KeyAccelerator?) {
    self.store = store
    self.accelerator = accelerator
  }

  /// Nil where there is none.
  func message(_ name: SecretName) -> Rope? {
    switch name.source {
    case .secret(let id), .gatewaySecret(let id):
      switch name.content {
      case .certificate: certificate(name, id)
      case .authority: authority(name, id)
      }
    case .configMap(let id):
      store.configMaps[id]?.spec.trustedCA.map { authority in
        message(
          name, .bytes(Array(authority.certificates.utf8)),
          authority.revocations.map { .bytes(Array($0.utf8)) })
      }
    }
  }

  private func certificate(_ name: SecretName, _ id: NamespacedName) -> Rope? {
    guard let certificate = store.secrets[id]?.spec.serverCertificate else { return nil }
    return Rope(
      Envoy.encode {
        Envoy.Secret(name: name.text, type: .tlsCertificate(tlsCertificate(certificate)))
      })
  }

  private func tlsCertificate(
    _ certificate: Secret.ServerCertificate
  ) -> Envoy.TlsCertificate {
    let chain = Envoy.DataSource.bytes(certificate.chain)
    let key = Envoy.DataSource.bytes(certificate.privateKey)
    if let accelerator {
      return .init(
        certificateChain: chain, privateKeyProvider: accelerator.provider(of: key))
    }
    return .init(
      certificateChain: chain, privateKey: key,
      ocspStaple: certificate.ocspStaple.map { .bytes($0) })
  }

  /// The CA of `x` is in the Secret `x-cacert`; only where that is not there, in `x` itself.
  private func authority(_ name: SecretName, _ id: NamespacedName) -> Rope? {
    let plain = NamespacedName(
      namespace: id.namespace, name: SecretName.withoutSuffix(id.name))
    return (store.secrets[id] ?? store.secrets[plain])?.spec.trustedCA.map { authority in
      message(name, .bytes(authority.certificates), authority.revocations.map { .bytes($0) })
    }
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
  fileprivate static func bytes(_ bytes: [UInt8]) -> Envoy.DataSource {
    .init(specifier: .inlineBytes(bytes))
  }
  fileprivate static func bytes(_ secret: SecretBytes) -> Envoy.DataSource {
    .bytes(secret.withBytes { bytes in (0..<bytes.count).map { bytes[$0] } })
  }
}
