package import TLS

/// A Kubernetes Secret. One whose private key does not fit its certificate is refused as an object, so
/// that its last good version keeps serving.
package struct Secret: ResourceSpec {
  package static let kind = Kind.secret

  /// `kubernetes.io/tls`, `Opaque`, …
  package var type: String?
  package var data: [String: SecretBytes]
  /// When the server certificate in it ends; nil without one.
  package var validUntil: Timestamp?

  package init(
    type: String? = nil, data: [String: SecretBytes] = [:], validUntil: Timestamp? = nil
  ) {
    self.type = type
    self.data = data
    self.validUntil = validUntil
  }

  /// Stands as the type of a Secret of which nothing but the name has been read.
  package static let unreadType = "meta.k8s.io/PartialObjectMetadata"
  /// Whether what it holds is known.
  package var isRead: Bool { type != Secret.unreadType }

  /// What a server shows its clients.
  package struct ServerCertificate: Hashable, Sendable {
    package let chain: SecretBytes
    package let privateKey: SecretBytes
    package let ocspStaple: SecretBytes?
  }

  /// What clients' or servers' certificates are checked against.
  package struct TrustedCA: Hashable, Sendable {
    package let certificates: SecretBytes
    package let revocations: SecretBytes?
  }

  /// `cert` and `key` where both have a value, else `tls.crt` and `tls.key`: istiod's order.
  package var serverCertificate: ServerCertificate? {
    if let chain = value("cert"), let key = value("key") {
      return ServerCertificate(chain: chain, privateKey: key, ocspStaple: nil)
    }
    guard let chain = value("tls.crt"), let key = value("tls.key") else { return nil }
    return ServerCertificate(chain: chain, privateKey: key, ocspStaple: data["tls.ocsp-staple"])
  }

  /// `cacert` with `crl`, else `ca.crt` with `ca.crl`.
  package var trustedCA: TrustedCA? {
    if let ca = value("cacert") { return TrustedCA(certificates: ca, revocations: data["crl"]) }
    return value("ca.crt").map { TrustedCA(certificates: $0, revocations: data["ca.crl"]) }
  }

  /// What images are pulled with, as Docker's own file has it; nil for a secret of another type.
  package var imageCredentials: SecretBytes? {
    type == "kubernetes.io/dockerconfigjson" ? data[".dockerconfigjson"] : nil
  }

  private func value(_ key: String) -> SecretBytes? {
    data[key].flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// A Kubernetes ConfigMap.
package struct ConfigMap: ResourceSpec {
  package static let kind = Kind.configMap

  package var data: [String: String]
  package var binaryData: [String: [UInt8]]

  package init(data: [String: String] = [:], binaryData: [String: [UInt8]] = [:]) {
    self.data = data
    self.binaryData = binaryData
  }

  /// What certificates are checked against: `cacert` with `crl`, else `ca.crt` with `ca.crl`.
  package var trustedCA: (certificates: String, revocations: String?)? {
    if let ca = data["cacert"], !ca.isEmpty { return (ca, data["crl"]) }
    guard let ca = data["ca.crt"], !ca.isEmpty else { return nil }
    return (ca, data["ca.crl"])
  }
}
