internal import Mesh
package import Store

/// A certificate or CA that the control plane serves over SDS, by the name istiod gives it
/// (`pilot/pkg/model/credentials`).
package struct SecretName: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    case secret(NamespacedName)
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
    let schemes = ["kubernetes://", "kubernetes-gateway://", "configmap://"]
    let scheme = schemes.first { credential.hasPrefix($0) }
    guard scheme != nil || !credential.hasPrefix("invalid://") else { return nil }
    let path = credential.dropFirst(scheme?.count ?? 0)
    let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    let id = NamespacedName(
      namespace: parts.count > 1 ? parts[0] : proxyNamespace, name: parts[parts.count - 1])
    text = (scheme == nil ? "kubernetes://" : "") + credential + suffix
    source = scheme == "configmap://" ? .configMap(id) : .secret(id)
    self.content = content
  }
}
