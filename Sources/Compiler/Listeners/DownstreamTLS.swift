internal import EnvoyAPI
internal import Mesh
internal import Resources

/// How a gateway's server speaks TLS to its clients (istiod's `buildGatewayListenerTLSContext`).
struct DownstreamTLS {
  private let settings: ServerTLSSettings
  private let portProtocol: PortProtocol
  private let proxies: ProxyClass
  private let mesh: ChainSettings.TLS
  private let isQUIC: Bool

  /// What a server says of it.
  struct Asked {
    let settings: ServerTLSSettings
    let portProtocol: PortProtocol
    let isQUIC: Bool

    init(_ settings: ServerTLSSettings, _ portProtocol: PortProtocol, isQUIC: Bool) {
      self.settings = settings
      self.portProtocol = portProtocol
      self.isQUIC = isQUIC
    }
  }

  init(_ asked: Asked, _ proxies: ProxyClass, _ mesh: ChainSettings.TLS) {
    settings = asked.settings
    portProtocol = asked.portProtocol
    isQUIC = asked.isQUIC
    self.proxies = proxies
    self.mesh = mesh
  }

  private var traits: ProxyTraits { _read { yield proxies.traits } }

  var transportSocket: Envoy.TransportSocket {
    isQUIC
      ? .init(
        name: "envoy.transport_sockets.quic",
        configType: .typedConfig(
          .pack(Envoy.QuicDownstreamTransport(downstreamTlsContext: context))))
      : .init(
        name: "envoy.transport_sockets.tls", configType: .typedConfig(.pack(context)))
  }

  private var context: Envoy.DownstreamTlsContext {
    .init(
      commonTlsContext: .init(
        tlsParams: parameters,
        tlsCertificateSdsSecretConfigs: certificates.map(\.config),
        validationContextType: validation,
        alpnProtocols: alpn),
      requireClientCertificate: requiresCertificate)
  }

  /// Over QUIC Envoy cannot ask for one.
  private var requiresCertificate: Bool {
    !isQUIC && (settings.mode == .mutual || settings.mode == .istioMutual)
  }

  private var alpn: [String] {
    if isQUIC { return ["h3"] }
    let isMeshPeer = settings.mode == .istioMutual && portProtocol != .https
    return isMeshPeer ? ["istio-peer-exchange", "h2", "http/1.1"] : ["h2", "http/1.1"]
  }

  // MARK: Certificates

  private var certificates: [SecretReference] {
    if settings.mode == .istioMutual { return [ownCertificate] }
    switch settings.certificates {
    case .none: return [.identity]
    case .credentials(let names): return names.map { mesh.credentials.reference($0, .certificate) }
    case .files(let files):
      return files.map { .fileCertificate($0.certificate, key: $0.privateKey, of: traits) }
    }
  }

  private var ownCertificate: SecretReference {
    traits.metadata.serverFiles.map {
      .fileCertificate($0.certificateChain, key: $0.privateKey, of: traits)
    } ?? .identity
  }

  private var ownAuthority: SecretReference {
    (traits.metadata.serverFiles?.rootCertificate).map { .fileAuthority($0, of: traits) }
      ?? .rootCA
  }

  // MARK: Clients' certificates

  private var validation: Envoy.CommonTlsContext.ValidationContextType? {
    switch settings.mode {
    case .istioMutual: return isQUIC ? nil : combined(fileContext, ownAuthority)
    case .mutual, .optionalMutual: return verifiedClients
    case .simple:
      // No client is asked for a certificate here. Envoy refuses names without a CA, and the listener
      // with them, so that a stock one is not told.
      guard case .credentials = settings.certificates, !settings.subjectAltNames.isEmpty,
        traits.istioVersion != nil
      else { return nil }
      return .validationContext(.init(matchSubjectAltNames: names))
    case .passthrough, .autoPassthrough: return nil
    }
  }

  private var verifiedClients: Envoy.CommonTlsContext.ValidationContextType? {
    switch settings.certificates {
    case .credentials(let names):
      // The CA's own name is asked for as it stands.
      let authority =
        settings.caCertCredentialName.map { mesh.credentials.reference($0, .certificate) }
        ?? names.first.map { mesh.credentials.reference($0, .authority) }
      return authority.map { combined(credentialContext, $0) }
    case .none, .files:
      // Over QUIC no client is asked for the certificate that would have to be there.
      guard !isQUIC || settings.mode == .optionalMutual else { return nil }
      return combined(
        fileContext,
        settings.caCertificates.map { .fileAuthority($0, of: traits) } ?? .rootCA)
    }
  }

  private func combined(
    _ context: Envoy.CertificateValidationContext, _ authority: SecretReference
  ) -> Envoy.CommonTlsContext.ValidationContextType {
    .combinedValidationContext(
      .init(
        defaultValidationContext: context, validationContextSdsSecretConfig: authority.config))
  }

  private var credentialContext: Envoy.CertificateValidationContext {
    .init(
      verifyCertificateSpki: settings.verifyCertificateSpki,
      verifyCertificateHash: settings.verifyCertificateHash,
      matchSubjectAltNames: names, trustChainVerification: trust)
  }

  /// A revocation list is a file; pins are for credentials only.
  private var fileContext: Envoy.CertificateValidationContext {
    .init(
      matchSubjectAltNames: names,
      crl: settings.caCrl.map { .init(specifier: .filename($0)) },
      trustChainVerification: trust)
  }

  private var names: [Envoy.StringMatcher] {
    settings.subjectAltNames.map { .init(matchPattern: .exact($0)) }
  }

  private var trust: Envoy.CertificateValidationContext.TrustChainVerification {
    settings.insecureSkipVerify == true ? .acceptUntrusted : .verifyTrustChain
  }

  // MARK: Versions and ciphers

  /// The mesh's defaults, with the server's own settings over them; nil leaves all to Envoy.
  private var parameters: Envoy.TlsParameters? {
    guard settings.mode != .istioMutual else { return nil }
    let minimum = version(settings.minProtocolVersion) ?? defaultMinimum
    let maximum = version(settings.maxProtocolVersion)
    let ciphers =
      settings.cipherSuites.isEmpty ? mesh.defaults?.cipherSuites ?? [] : settings.cipherSuites
    let curves = settings.ecdhCurves.isEmpty ? mesh.defaults?.ecdhCurves ?? [] : settings.ecdhCurves
    guard minimum != nil || maximum != nil || !ciphers.isEmpty || !curves.isEmpty else {
      return nil
    }
    return .init(
      tlsMinimumProtocolVersion: minimum ?? .tlsAuto,
      tlsMaximumProtocolVersion: maximum ?? .tlsAuto, cipherSuites: ciphers, ecdhCurves: curves)
  }

  private var defaultMinimum: Envoy.TlsParameters.TlsProtocol? {
    switch mesh.defaults?.minProtocolVersion {
    case .v12: .tlsv1_2
    case .v13: .tlsv1_3
    case .auto, nil: nil
    }
  }

  private func version(_ version: TLSProtocol) -> Envoy.TlsParameters.TlsProtocol? {
    switch version {
    case .auto: nil
    case .v10: .tlsv1_0
    case .v11: .tlsv1_1
    case .v12: .tlsv1_2
    case .v13: .tlsv1_3
    }
  }
}
