internal import EnvoyAPI
internal import Mesh

/// Where Envoy gets a certificate or CA from.
enum SecretReference: Hashable {
  /// From this control plane.
  case controlPlane(name: String)
  /// The workload's own identity, from the agent beside Envoy: `default`, `ROOTCA`.
  case workload(String)
  /// Another server of secrets, by the cluster to call and the host to call it by.
  case external(String, cluster: String, authority: String)
  /// Files, watched by the agent: `file-cert:CERT~KEY`, `file-root:CA`.
  case files(String, socket: Bool)

  static let identity = SecretReference.workload("default")
  static let rootCA = SecretReference.workload("ROOTCA")

  static func fileCertificate(_ certificate: String, key: String, of proxies: ProxyTraits) -> Self {
    .files(
      "file-cert:\(certificate)~\(key)", socket: proxies.metadata.hasFileCredentialSocket)
  }
  static func fileAuthority(_ path: String, of proxies: ProxyTraits) -> Self {
    .files("file-root:\(path)", socket: proxies.metadata.hasFileCredentialSocket)
  }

  /// What a `credentialName` means for proxies of a class: `builtin://` is their own identity, and
  /// `sds://` the socket in their pod, where there is one.
  ///
  /// Not here, on purpose: the mesh's own servers of secrets; see ``ServerCredentials``.
  static func credential(
    _ name: String, _ content: SecretName.Content, of proxies: ProxyTraits
  ) -> Self {
    if name == "builtin://" { return content == .authority ? rootCA : identity }
    if proxies.metadata.hasCredentialSocket, SecretName.externalName(name) != nil {
      let suffix = content == .authority ? SecretName.authoritySuffix : ""
      return .external(name + suffix, cluster: "sds-external", authority: "")
    }
    guard
      let secret = SecretName(
        credential: name, content: content, proxyNamespace: proxies.namespace)
    else { return .controlPlane(name: "invalid://") }
    return .controlPlane(name: secret.text)
  }

  var config: Envoy.SdsSecretConfig {
    switch self {
    case .controlPlane(let name):
      .init(name: name, sdsConfig: .init(encoded: sourceOfSecrets))
    case .external(let name, let cluster, let authority):
      .init(
        name: name,
        sdsConfig: .agent(cluster: cluster, authority: authority, initialFetchTimeout: nil))
    case .workload(let name):
      .init(name: name, sdsConfig: .init(encoded: sourceOfIdentity))
    case .files(let name, let socket):
      .init(
        name: name,
        sdsConfig: .agent(
          cluster: socket ? "sds-files-grpc" : "sds-grpc", initialFetchTimeout: nil))
    }
  }
}

extension Envoy.ConfigSource {
  /// Over the stream that everything else comes by.
  static var ads: Envoy.ConfigSource { .init(encoded: sourceOfAll) }

  /// From a server of secrets, as the agent beside Envoy is one.
  static func agent(
    cluster: String, authority: String = "", initialFetchTimeout: Duration?
  ) -> Envoy.ConfigSource {
    .init(
      configSourceSpecifier: .apiConfigSource(
        .init(
          apiType: .grpc, transportApiVersion: .v3,
          grpcServices: [
            .init(
              targetSpecifier: .envoyGrpc(.init(clusterName: cluster, authority: authority)))
          ],
          setNodeOnFirstMessageOnly: true)),
      initialFetchTimeout: initialFetchTimeout, resourceApiVersion: .v3)
  }
}

// MARK: - The same for thousands

private let sourceOfAll = Envoy.encode {
  Envoy.ConfigSource(
    configSourceSpecifier: .ads(.init()), initialFetchTimeout: .zero, resourceApiVersion: .v3)
}
private let sourceOfSecrets = Envoy.encode {
  Envoy.ConfigSource(configSourceSpecifier: .ads(.init()), resourceApiVersion: .v3)
}
private let sourceOfIdentity = Envoy.encode {
  Envoy.ConfigSource.agent(cluster: "sds-grpc", initialFetchTimeout: .zero)
}
