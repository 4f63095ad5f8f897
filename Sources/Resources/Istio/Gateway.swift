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

  /// A class that never changes: all that is made of a server is given it.
  package final class Server: Hashable, Sendable {
    package let name: String?
    package let port: Port
    /// An IP address or `unix://…`; nil for all interfaces.
    package let bind: String?
    /// Sanitized as istiod does: `./h` and `*/h` are resolved, and `*/*` makes the list one `*`.
    package let hosts: [ServerHost]
    package let tls: ServerTLSSettings?
    package let defaultEndpoint: String?
    package let position: SourcePosition

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

    package static func == (a: Server, b: Server) -> Bool {
      a === b
        || (a.port == b.port && a.hosts == b.hosts && a.tls == b.tls && a.name == b.name
          && a.bind == b.bind && a.defaultEndpoint == b.defaultEndpoint)
    }
    /// A Gateway has one of a port's name at a time.
    package func hash(into hasher: inout Hasher) { hasher.combine(port) }
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

/// How a Gateway's server speaks TLS to its clients. A class that never changes, as the server is.
package final class ServerTLSSettings: Hashable, Sendable {
  package let mode: Mode
  package let httpsRedirect: Bool
  package let certificates: Certificates
  /// The file of the client CA, beside a certificate from files.
  package let caCertificates: String?
  /// The file of the certificate revocation list.
  package let caCrl: String?
  package let caCertCredentialName: String?
  package let subjectAltNames: [String]
  package let verifyCertificateSpki: [String]
  package let verifyCertificateHash: [String]
  package let minProtocolVersion: TLSProtocol
  package let maxProtocolVersion: TLSProtocol
  package let cipherSuites: [String]
  package let ecdhCurves: [String]
  package let insecureSkipVerify: Bool?
  package let position: SourcePosition

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

  package static func == (a: ServerTLSSettings, b: ServerTLSSettings) -> Bool {
    a === b
      || (a.mode == b.mode && a.httpsRedirect == b.httpsRedirect
        && a.certificates == b.certificates && a.caCertificates == b.caCertificates
        && a.caCrl == b.caCrl && a.caCertCredentialName == b.caCertCredentialName
        && a.subjectAltNames == b.subjectAltNames
        && a.verifyCertificateSpki == b.verifyCertificateSpki
        && a.verifyCertificateHash == b.verifyCertificateHash
        && a.minProtocolVersion == b.minProtocolVersion
        && a.maxProtocolVersion == b.maxProtocolVersion && a.cipherSuites == b.cipherSuites
        && a.ecdhCurves == b.ecdhCurves && a.insecureSkipVerify == b.insecureSkipVerify)
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(mode)
    hasher.combine(certificates)
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
