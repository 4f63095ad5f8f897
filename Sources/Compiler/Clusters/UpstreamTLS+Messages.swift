internal import EnvoyAPI
internal import Mesh
internal import Resources

extension UpstreamTLS {
  /// All endpoints are connected to this way; nil where it depends on the endpoint.
  var socket: Envoy.TransportSocket? {
    switch mode {
    // Behind an SNI the peer's own bytes are passed on: nothing is put before them.
    case .plaintext:
      plan.isSNIDNAT || plan.policy.proxyProtocol == nil
        ? nil : wrapped(.rawBuffer(named: "raw_buffer"))
    case .mesh(let tls, let isAutomatic):
      isAutomatic && plan.discovery != .originalDestination ? nil : wrapped(socket(tls))
    case .origination(let tls, _): wrapped(socket(tls))
    }
  }

  /// By what the endpoint says of itself; the last takes all.
  var socketMatches: [Envoy.Cluster.TransportSocketMatch] {
    guard case .mesh(let tls, isAutomatic: true) = mode,
      plan.discovery != .originalDestination
    else { return [] }
    return [
      .init(
        name: "tlsMode-istio", match: ["tlsMode": "istio"], transportSocket: wrapped(socket(tls))),
      .init(
        name: "tlsMode-disabled", match: [:],
        transportSocket: wrapped(.rawBuffer(named: "envoy.transport_sockets.raw_buffer"))),
    ]
  }

  /// What the name in a request decides, where the rule names none.
  var requestNames: Envoy.UpstreamHttpProtocolOptions? {
    let isDynamic = plan.discovery == .dynamicForwardProxy
    let (sni, names, skips): (String?, [String], Bool)
    switch mode {
    case .plaintext: return nil
    case .mesh(let tls, _):
      guard isDynamic else { return nil }
      (sni, names, skips) = (plan.policy.tls?.sni, tls.names, tls.skipsVerification)
    case .origination(let tls, _):
      (sni, names, skips) = (
        tls.settings.sni, tls.settings.subjectAltNames, tls.settings.insecureSkipVerify == true
      )
    }
    let takesName = sni?.isEmpty ?? true
    let verifies = !skips && (isDynamic || takesName && names.isEmpty)
    return takesName || verifies
      ? .init(autoSni: takesName, autoSanValidation: verifies) : nil
  }

  /// Hosts that are found as requests name them are verified by that name; where the rule keeps Envoy
  /// from it, Envoy has to be told that this is meant. So it has without TLS, where the cluster speaks
  /// HTTP/2; istiod does not say it then, and a proxy of Istio's is sent what istiod sends.
  var allowsInsecureDynamicHosts: Bool {
    let (sni, skips): (String?, Bool)
    switch mode {
    case .plaintext: return plan.isStock
    case .mesh(let tls, _): (sni, skips) = (plan.policy.tls?.sni, tls.skipsVerification)
    case .origination(let tls, _):
      (sni, skips) = (tls.settings.sni, tls.settings.insecureSkipVerify == true)
    }
    return skips || !(sni?.isEmpty ?? true)
  }

  private func wrapped(_ socket: Envoy.TransportSocket) -> Envoy.TransportSocket {
    guard let version = plan.policy.proxyProtocol, !plan.isSNIDNAT else { return socket }
    return .init(
      name: "envoy.transport_sockets.upstream_proxy_protocol",
      configType: .typedConfig(
        .pack(
          Envoy.ProxyProtocolUpstreamTransport(
            config: .init(version: version == .v1 ? .v1 : .v2), transportSocket: socket))))
  }

  private func socket(_ tls: MeshTLS) -> Envoy.TransportSocket {
    .tls(
      .init(
        commonTlsContext: .init(
          tlsParams: .init(
            tlsMinimumProtocolVersion: .tlsv1_2, tlsMaximumProtocolVersion: .tlsv1_3),
          tlsCertificateSdsSecretConfigs: [ofAgent(.identity)],
          validationContextType: .combinedValidationContext(
            .init(
              defaultValidationContext: .init(matchSubjectAltNames: tls.names.map(exactly)),
              validationContextSdsSecretConfig: ofAgent(.rootCA))),
          alpnProtocols: ["istio-peer-exchange", "istio"] + (isHTTP2 ? ["h2"] : [])),
        sni: tls.sni))
  }

  /// A stock Envoy has no agent beside it: its cluster does not wait, and connects to nobody.
  private func ofAgent(_ secret: SecretReference) -> Envoy.SdsSecretConfig {
    guard plan.isStock, case .workload(let name) = secret else { return secret.config }
    return .init(
      name: name,
      sdsConfig: .agent(cluster: "sds-grpc", initialFetchTimeout: .milliseconds(1)))
  }

  private func socket(_ tls: Origination) -> Envoy.TransportSocket {
    .tls(
      .init(
        commonTlsContext: .init(
          tlsParams: .init(
            tlsMinimumProtocolVersion: .tlsv1_2, tlsMaximumProtocolVersion: .tlsv1_3,
            cipherSuites: plan.settings.tlsDefaults?.cipherSuites ?? [],
            ecdhCurves: plan.settings.tlsDefaults?.ecdhCurves ?? []),
          tlsCertificates: readsFiles(tls) ? certificates(tls.settings) : [],
          tlsCertificateSdsSecretConfigs: readsFiles(tls)
            ? [] : [tls.certificate].compactMap { $0?.config },
          validationContextType: validation(tls),
          alpnProtocols: isHTTP2 ? ["h2"] : []),
        sni: tls.settings.sni ?? ""))
  }

  private func validation(_ tls: Origination) -> Envoy.CommonTlsContext.ValidationContextType? {
    let isCredential = tls.settings.credentialName?.isEmpty == false
    if tls.settings.insecureSkipVerify == true {
      return isCredential ? nil : .validationContext(.init())
    }
    let list = tls.settings.caCrl.flatMap { $0.isEmpty || isCredential ? nil : file($0) }
    guard !readsFiles(tls) else {
      let authority = tls.settings.caCertificates.flatMap { $0.isEmpty ? nil : $0 }
      return .validationContext(
        .init(
          trustedCa: file(authority ?? Self.systemAuthorities),
          matchSubjectAltNames: tls.names.map(exactly), crl: list))
    }
    return .combinedValidationContext(
      .init(
        defaultValidationContext: .init(matchSubjectAltNames: tls.names.map(exactly), crl: list),
        validationContextSdsSecretConfig: tls.authority?.config))
  }

  /// Where Envoy's own images have the authorities that everybody trusts.
  private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

  /// Without an agent that watches files Envoy reads them itself.
  private func readsFiles(_ tls: Origination) -> Bool {
    plan.isStock && tls.settings.credentialName?.isEmpty ?? true
  }

  private func certificates(_ settings: ClientTLSSettings) -> [Envoy.TlsCertificate] {
    guard settings.mode == .mutual, let certificate = settings.clientCertificate,
      let key = settings.privateKey
    else { return [] }
    return [.init(certificateChain: file(certificate), privateKey: file(key))]
  }

  private func file(_ path: String) -> Envoy.DataSource { .init(specifier: .filename(path)) }

  private func exactly(_ name: String) -> Envoy.StringMatcher {
    .init(matchPattern: .exact(name))
  }
}

extension Envoy.TransportSocket {
  fileprivate static func tls(_ context: Envoy.UpstreamTlsContext) -> Envoy.TransportSocket {
    .init(
      name: "envoy.transport_sockets.tls", configType: .typedConfig(.pack(context)))
  }

  /// No encryption. Istio spells the name in two ways.
  fileprivate static func rawBuffer(named name: String) -> Envoy.TransportSocket {
    .init(name: name, configType: .typedConfig(.pack(Envoy.RawBuffer())))
  }
}
