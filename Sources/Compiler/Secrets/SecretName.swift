internal import Incremental
internal import Mesh
package import Store

/// A certificate or CA that the control plane serves over SDS, by the name istiod gives it
/// (`pilot/pkg/model/credentials`).
package struct SecretName: Digested, Sendable {
  package enum Source: Hashable, Sendable {
    /// A Secret, for proxies of its own namespace.
    case secret(NamespacedName)
    /// A Secret, for proxies of the Gateway that names it (`kubernetes-gateway://`).
    case gatewaySecret(NamespacedName)
    case configMap(NamespacedName)
  }

  package enum Content: Hashable, Sendable {
    case certificate
    /// The CA that clients, or servers, are verified with.
    case authority
  }

  /// As it stands in the configuration: `kubernetes://shop-tls`, `kubernetes://shop-tls-cacert`.
  package let text: String
  package let source: Source
  package let content: Content

  static let authoritySuffix = "-cacert"

  /// `credential` is what a Gateway or DestinationRule names; one without a scheme is a Secret, and
  /// one without a namespace is in that of the proxy. Nil for names that nothing answers to.
  init?(credential: String, content: Content, proxyNamespace: String) {
    let suffix = content == .authority ? SecretName.authoritySuffix : ""
    // Where no other server of secrets answers to `sds://x`, it is the Secret x.
    let credential = SecretName.externalName(credential) ?? credential
    let scheme = Scheme.allCases.first { credential.hasPrefix($0.rawValue) }
    guard scheme != nil || !SecretName.hasNoSecret(credential) else { return nil }
    let path = credential.dropFirst(scheme?.rawValue.count ?? 0) + suffix
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let hasNamespace = parts.count > 1
    let name = hasNamespace ? parts[1] : parts[0]
    let namespace = hasNamespace ? parts[0] : proxyNamespace
    text = (scheme == nil ? Scheme.secret.rawValue : "") + credential + suffix
    // The name alone says what is asked for, whoever asks.
    let isAuthority = name.hasSuffix(SecretName.authoritySuffix)
    switch scheme ?? .secret {
    case .secret: source = .secret(NamespacedName(namespace: namespace, name: name))
    case .gatewaySecret:
      guard hasNamespace, !namespace.isEmpty, !name.isEmpty else { return nil }
      source = .gatewaySecret(NamespacedName(namespace: namespace, name: name))
    case .configMap:
      guard hasNamespace, !namespace.isEmpty, !name.isEmpty else { return nil }
      source = .configMap(
        NamespacedName(namespace: namespace, name: SecretName.withoutSuffix(name)))
      self.content = .authority
      return
    }
    self.content = isAuthority ? .authority : .certificate
  }

  private enum Scheme: String, CaseIterable {
    case secret = "kubernetes://"
    case gatewaySecret = "kubernetes-gateway://"
    case configMap = "configmap://"
  }

  /// What is named is no secret of the cluster: the proxy's own identity, or nothing.
  private static func hasNoSecret(_ credential: String) -> Bool {
    credential.hasPrefix("invalid://") || credential.hasPrefix("builtin://")
  }

  static func withoutSuffix(_ name: String) -> String {
    name.hasSuffix(authoritySuffix) ? String(name.dropLast(authoritySuffix.count)) : name
  }

  /// The name behind `sds://`; nil for a credential of any other kind.
  static func externalName(_ credential: String) -> String? {
    let scheme = "sds://"
    return credential.hasPrefix(scheme) ? String(credential.dropFirst(scheme.count)) : nil
  }
}
