package import TLS

/// A Kubernetes Secret.
package struct Secret: ResourceSpec {
  package static let kind = Kind.secret

  /// `kubernetes.io/tls`, `Opaque`, …
  package var type: String?
  package var data: [String: SecretBytes]
  /// Whether the certificate can be served; an object whose key does not fit is kept, so that it can
  /// be named, and is not served.
  package var certificate: Certificate

  package init(
    type: String? = nil, data: [String: SecretBytes] = [:], certificate: Certificate = .none
  ) {
    self.type = type
    self.data = data
    self.certificate = certificate
  }

  package enum Certificate: Hashable, Sendable {
    /// No server certificate in it.
    case none
    /// A certificate and the key that fits it.
    case usable(keys: CertificateKeys)
    case unusable(reason: String)
  }

  /// The names of the entries that make up a certificate: istiod takes `cert`, `key`, `cacert` of a
  /// generic Secret before `tls.crt`, `tls.key`, `ca.crt` of a TLS one.
  package struct CertificateKeys: Hashable, Sendable {
    package var certificate: String
    package var privateKey: String

    package init(certificate: String, privateKey: String) {
      self.certificate = certificate
      self.privateKey = privateKey
    }
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
}
