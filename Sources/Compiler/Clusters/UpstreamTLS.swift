internal import EnvoyAPI
internal import Mesh
internal import Resources

/// How a cluster's connections are encrypted (Istio's `cluster_tls.go`): by the rule's `tls`, else with
/// the mesh's certificates where an endpoint takes them.
struct UpstreamTLS {
  private let plan: ClusterPlan
  private let mode: Mode
  private let isHTTP2: Bool

  private enum Mode {
    case plaintext
    case mesh(MeshTLS, isAutomatic: Bool)
    case origination(Origination, isAutomatic: Bool)
  }

  /// Mutual TLS with the mesh's certificates.
  private struct MeshTLS {
    let sni: String
    let names: [String]
    let skipsVerification: Bool
  }

  /// TLS of its own, as a server outside asks for.
  private struct Origination {
    let settings: ClientTLSSettings
    let names: [String]
    let certificate: SecretReference?
    let authority: SecretReference?
  }

  /// `identities`: the SPIFFE names of the service's workloads. `infersMutualTLS`: without a rule that
  /// says so, the service's workloads may be sent mutual TLS.
  init(
    _ plan: ClusterPlan, isHTTP2: Bool, identities: () -> [String], infersMutualTLS: () -> Bool
  ) {
    self.plan = plan
    self.isHTTP2 = isHTTP2
    mode = Self.mode(plan, identities: identities, infersMutualTLS: infersMutualTLS)
  }

  // MARK: Decisions

  private static func mode(
    _ plan: ClusterPlan, identities: () -> [String], infersMutualTLS: () -> Bool
  ) -> Mode {
    guard !plan.isSNIDNAT else { return .plaintext }
    let files = plan.traits.metadata.clientFiles
    guard let tls = plan.policy.tls else {
      guard plan.settings.usesAutoMutualTLS, !plan.service.isMeshExternal, infersMutualTLS() else {
        return .plaintext
      }
      let mesh = MeshTLS(
        sni: plan.sniName, names: identities(), skipsVerification: false)
      if let files { return .origination(origination(mesh, files, plan), isAutomatic: true) }
      // Without Istio's agent beside it nobody gives a proxy the mesh's certificates, and a cluster that
      // names them would wait for them forever.
      return plan.isStock ? .plaintext : .mesh(mesh, isAutomatic: true)
    }
    switch tls.mode {
    case .disable: return .plaintext
    case .istioMutual:
      let mesh = MeshTLS(
        sni: tls.sni.flatMap { $0.isEmpty ? nil : $0 } ?? plan.sniName,
        names: tls.subjectAltNames.isEmpty ? identities() : tls.subjectAltNames,
        skipsVerification: tls.insecureSkipVerify == true)
      guard let files, !plan.service.isMeshExternal else { return .mesh(mesh, isAutomatic: false) }
      let stated = MeshTLS(
        sni: tls.sni ?? "", names: tls.subjectAltNames,
        skipsVerification: tls.insecureSkipVerify == true)
      return .origination(origination(stated, files, plan), isAutomatic: false)
    case .mutual:
      guard let files, !plan.service.isMeshExternal else {
        return originated(tls, plan, identities: identities)
      }
      let stated = MeshTLS(
        sni: tls.sni ?? "", names: tls.subjectAltNames,
        skipsVerification: tls.insecureSkipVerify == true)
      return .origination(origination(stated, files, plan), isAutomatic: false)
    case .simple: return originated(tls, plan, identities: identities)
    }
  }

  /// The proxy's own files in the place of the mesh's certificates.
  private static func origination(
    _ mesh: MeshTLS, _ files: NodeMetadata.TLSFiles, _ plan: ClusterPlan
  ) -> Origination {
    let settings = ClientTLSSettings(
      mode: .mutual, clientCertificate: files.certificateChain, privateKey: files.privateKey,
      caCertificates: files.rootCertificate, subjectAltNames: mesh.names,
      sni: mesh.sni.isEmpty ? nil : mesh.sni,
      insecureSkipVerify: mesh.skipsVerification ? true : nil)
    return Origination(
      settings: settings, names: mesh.names,
      certificate: .fileCertificate(
        files.certificateChain, key: files.privateKey, of: plan.traits),
      authority: .fileAuthority(files.rootCertificate ?? "system", of: plan.traits))
  }

  private static func originated(
    _ tls: ClientTLSSettings, _ plan: ClusterPlan, identities: () -> [String]
  ) -> Mode {
    let needsIdentities = tls.subjectAltNames.isEmpty && !plan.service.source.isKubernetes
    let names = needsIdentities ? identities() : tls.subjectAltNames
    if let credential = tls.credentialName, !credential.isEmpty {
      let isOpenToAll = credential.hasPrefix("configmap://")
      if plan.traits.type == .sidecar, !isOpenToAll, plan.rule?.hasWorkloadSelector != true {
        return .plaintext
      }
      return .origination(
        Origination(
          settings: tls, names: names,
          certificate: tls.mode == .mutual
            ? .credential(credential, .certificate, of: plan.traits) : nil,
          authority: .credential(credential, .authority, of: plan.traits)),
        isAutomatic: false)
    }
    let pair = tls.clientCertificate.flatMap { certificate in
      tls.privateKey.map { (certificate, $0) }
    }
    if tls.mode == .mutual, pair.map({ $0.0.isEmpty || $0.1.isEmpty }) ?? true {
      return .plaintext
    }
    let authority = tls.caCertificates.flatMap { $0.isEmpty ? nil : $0 } ?? "system"
    return .origination(
      Origination(
        settings: tls, names: names,
        certificate: tls.mode == .mutual
          ? pair.map { .fileCertificate($0.0, key: $0.1, of: plan.traits) } : nil,
        authority: .fileAuthority(authority, of: plan.traits)),
      isAutomatic: false)
  }

  // MARK: Messages

  /// All endpoints are connected to this way; nil where it depends on the endpoint.
  var socket: Envoy.TransportSocket? {
    switch mode {
    case .plaintext: plan.policy.proxyProtocol.map { _ in wrapped(.rawBuffer(named: "raw_buffer")) }
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
  /// from it, Envoy has to be told that this is meant.
  var allowsInsecureDynamicHosts: Bool {
    let (sni, skips): (String?, Bool)
    switch mode {
    case .plaintext: return false
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
          tlsCertificateSdsSecretConfigs: [SecretReference.identity.config],
          validationContextType: .combinedValidationContext(
            .init(
              defaultValidationContext: .init(matchSubjectAltNames: tls.names.map(exactly)),
              validationContextSdsSecretConfig: SecretReference.rootCA.config)),
          alpnProtocols: ["istio-peer-exchange", "istio"] + (isHTTP2 ? ["h2"] : [])),
        sni: tls.sni))
  }

  private func socket(_ tls: Origination) -> Envoy.TransportSocket {
    .tls(
      .init(
        commonTlsContext: .init(
          tlsParams: .init(
            tlsMinimumProtocolVersion: .tlsv1_2, tlsMaximumProtocolVersion: .tlsv1_3,
            cipherSuites: plan.settings.tlsDefaults?.cipherSuites ?? [],
            ecdhCurves: plan.settings.tlsDefaults?.ecdhCurves ?? []),
          tlsCertificateSdsSecretConfigs: [tls.certificate].compactMap { $0?.config },
          validationContextType: validation(tls),
          alpnProtocols: isHTTP2 ? ["h2"] : []),
        sni: tls.settings.sni ?? ""))
  }

  private func validation(_ tls: Origination) -> Envoy.CommonTlsContext.ValidationContextType? {
    let isCredential = tls.settings.credentialName?.isEmpty == false
    if tls.settings.insecureSkipVerify == true {
      return isCredential ? nil : .validationContext(.init())
    }
    let list = tls.settings.caCrl.flatMap { $0.isEmpty || isCredential ? nil : $0 }
    return .combinedValidationContext(
      .init(
        defaultValidationContext: .init(
          matchSubjectAltNames: tls.names.map(exactly),
          crl: list.map { .init(specifier: .filename($0)) }),
        validationContextSdsSecretConfig: tls.authority?.config))
  }

  private func exactly(_ name: String) -> Envoy.StringMatcher {
    .init(matchPattern: .exact(name))
  }
}

extension ClusterPlan {
  /// The server name that AUTO_PASSTHROUGH gateways tell services by.
  fileprivate var sniName: String {
    discovery == .dynamicForwardProxy
      ? "" : ClusterName.sniDNAT(port: port.number, subset: subsetName, host: service.host).text
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
