internal import Mesh
internal import Resources

/// How a cluster's connections are encrypted (Istio's `cluster_tls.go`): by the rule's `tls`, else with
/// the mesh's certificates where an endpoint takes them.
struct UpstreamTLS {
  let plan: ClusterPlan
  let mode: Mode
  let isHTTP2: Bool

  enum Mode {
    case plaintext
    case mesh(MeshTLS, isAutomatic: Bool)
    case origination(Origination, isAutomatic: Bool)
  }

  /// Mutual TLS with the mesh's certificates.
  struct MeshTLS {
    let sni: String
    let names: [String]
    let skipsVerification: Bool
  }

  /// TLS of its own, as a server outside asks for.
  struct Origination {
    let settings: ClientTLSSettings
    let names: [String]
    let certificate: SecretReference?
    let authority: SecretReference?
  }

  // MARK: Decisions

  /// `identities`: the SPIFFE names of the service's workloads. `infersMutualTLS`: without a rule that
  /// says so, the service's workloads may be sent mutual TLS.
  static func mode(
    _ plan: ClusterPlan, identities: () -> [String], infersMutualTLS: () -> Bool
  ) -> Mode {
    guard !plan.isSNIDNAT else { return .plaintext }
    return plan.policy.setsTLS
      ? stated(plan, identities: identities)
      : inferred(plan, identities: identities, infersMutualTLS: infersMutualTLS)
  }

  /// Where no rule says anything.
  private static func inferred(
    _ plan: ClusterPlan, identities: () -> [String], infersMutualTLS: () -> Bool
  ) -> Mode {
    guard plan.settings.usesAutoMutualTLS, !plan.service.isMeshExternal, infersMutualTLS() else {
      return .plaintext
    }
    let mesh = MeshTLS(sni: plan.sniName, names: identities(), skipsVerification: false)
    if let files = plan.traits.metadata.clientFiles {
      return .origination(origination(mesh, files, plan), isAutomatic: true)
    }
    // Without Istio's agent beside it nobody gives a proxy the mesh's certificates, and a cluster that
    // names them would wait for them forever.
    return plan.isStock ? .plaintext : .mesh(mesh, isAutomatic: true)
  }

  private static func stated(_ plan: ClusterPlan, identities: () -> [String]) -> Mode {
    guard let tls = plan.policy.tls else { return .plaintext }
    let files = plan.traits.metadata.clientFiles
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
}

extension ClusterPlan {
  /// The server name that AUTO_PASSTHROUGH gateways tell services by.
  fileprivate var sniName: String {
    discovery == .dynamicForwardProxy
      ? "" : ClusterName.sniDNAT(port: port.number, subset: subsetName, host: service.host).text
  }
}
