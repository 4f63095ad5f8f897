/// networking.istio.io Gateway: the ports that the selected proxies open, and for which hosts.
package struct Gateway: ResourceSpec {
  package static let kind = Kind.gateway

  /// Labels of the proxies; empty selects every router.
  package var selector: [String: String]
  package var servers: [Server]

  package init(selector: [String: String] = [:], servers: [Server] = []) {
    self.selector = selector
    self.servers = servers
  }

  package struct Server: Hashable, Sendable {
    package var name: String?
    package var port: Port
    /// An IP address or `unix://…`; nil for all interfaces.
    package var bind: String?
    /// Sanitized as istiod does: `./h` and `*/h` are resolved, and `*/*` makes the list one `*`.
    package var hosts: [ServerHost]
    package var tls: ServerTLSSettings?
    package var defaultEndpoint: String?
    package var position: SourcePosition

    package init(
      name: String? = nil, port: Port, bind: String? = nil, hosts: [ServerHost] = [],
      tls: ServerTLSSettings? = nil, defaultEndpoint: String? = nil,
      position: SourcePosition = .unknown
    ) {
      self.name = name
      self.port = port
      self.bind = bind
      self.hosts = hosts
      self.tls = tls
      self.defaultEndpoint = defaultEndpoint
      self.position = position
    }
  }

  package struct Port: Hashable, Sendable {
    package var number: Int
    package var name: String
    package var portProtocol: PortProtocol
    /// The protocol as written: servers of one port share a listener entry only when it is the same.
    package var protocolText: String

    package init(number: Int, name: String, portProtocol: PortProtocol, protocolText: String) {
      self.number = number
      self.name = name
      self.portProtocol = portProtocol
      self.protocolText = protocolText
    }
  }
}

/// A host of a Gateway's server, and the namespace whose VirtualServices may bind to it.
package struct ServerHost: Hashable, Sendable, CustomStringConvertible {
  /// Nil for every namespace; `.` was resolved to the Gateway's own.
  package var namespace: String?
  package var host: String

  package init(namespace: String? = nil, host: String) {
    self.namespace = namespace
    self.host = host
  }

  /// `ns/host`, or the host alone.
  package var description: String { namespace.map { "\($0)/\(host)" } ?? host }
}

/// How a Gateway's server speaks TLS to its clients.
package struct ServerTLSSettings: Hashable, Sendable {
  package var mode: Mode
  package var httpsRedirect: Bool
  package var certificates: Certificates
  /// The file of the client CA, beside a certificate from files.
  package var caCertificates: String?
  /// The file of the certificate revocation list.
  package var caCrl: String?
  package var caCertCredentialName: String?
  package var subjectAltNames: [String]
  package var verifyCertificateSpki: [String]
  package var verifyCertificateHash: [String]
  package var minProtocolVersion: TLSProtocol
  package var maxProtocolVersion: TLSProtocol
  package var cipherSuites: [String]
  package var ecdhCurves: [String]
  package var insecureSkipVerify: Bool?
  package var position: SourcePosition

  package init(
    mode: Mode = .passthrough, httpsRedirect: Bool = false, certificates: Certificates = .none,
    caCertificates: String? = nil, caCrl: String? = nil, caCertCredentialName: String? = nil,
    subjectAltNames: [String] = [], verifyCertificateSpki: [String] = [],
    verifyCertificateHash: [String] = [], minProtocolVersion: TLSProtocol = .auto,
    maxProtocolVersion: TLSProtocol = .auto, cipherSuites: [String] = [],
    ecdhCurves: [String] = [], insecureSkipVerify: Bool? = nil, position: SourcePosition = .unknown
  ) {
    self.mode = mode
    self.httpsRedirect = httpsRedirect
    self.certificates = certificates
    self.caCertificates = caCertificates
    self.caCrl = caCrl
    self.caCertCredentialName = caCertCredentialName
    self.subjectAltNames = subjectAltNames
    self.verifyCertificateSpki = verifyCertificateSpki
    self.verifyCertificateHash = verifyCertificateHash
    self.minProtocolVersion = minProtocolVersion
    self.maxProtocolVersion = maxProtocolVersion
    self.cipherSuites = cipherSuites
    self.ecdhCurves = ecdhCurves
    self.insecureSkipVerify = insecureSkipVerify
    self.position = position
  }

  package enum Mode: String, CaseIterable, Sendable {
    case passthrough = "PASSTHROUGH"
    case simple = "SIMPLE"
    case mutual = "MUTUAL"
    case autoPassthrough = "AUTO_PASSTHROUGH"
    case istioMutual = "ISTIO_MUTUAL"
    case optionalMutual = "OPTIONAL_MUTUAL"
  }

  /// Where the server's certificate comes from; validation lets through one source only.
  package enum Certificates: Hashable, Sendable {
    case none
    /// `credentialName`, or `credentialNames` in their order.
    case credentials([String])
    /// `serverCertificate` and `privateKey`, or `tlsCertificates` in their order.
    case files([CertificateFiles])
  }

  package struct CertificateFiles: Hashable, Sendable {
    package var certificate: String
    package var privateKey: String
    package var caCertificates: String?

    package init(certificate: String, privateKey: String, caCertificates: String? = nil) {
      self.certificate = certificate
      self.privateKey = privateKey
      self.caCertificates = caCertificates
    }
  }
}

/// A version of TLS as a bound; `auto` leaves it to Envoy.
package enum TLSProtocol: String, CaseIterable, Sendable {
  case auto = "TLS_AUTO"
  case v10 = "TLSV1_0"
  case v11 = "TLSV1_1"
  case v12 = "TLSV1_2"
  case v13 = "TLSV1_3"
}
