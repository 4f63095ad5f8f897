internal import Diagnostics
internal import Documents

extension ServerTLSSettings: FieldReadable {
  convenience init(_ fields: inout Fields) {
    self.init(
      mode: fields.choice("mode") ?? .passthrough,
      httpsRedirect: fields.flag("httpsRedirect"),
      certificates: Certificates(&fields),
      caCertificates: fields.string("caCertificates"),
      caCrl: fields.string("caCrl"),
      caCertCredentialName: fields.string("caCertCredentialName"),
      subjectAltNames: fields.strings("subjectAltNames"),
      verifyCertificateSpki: fields.strings("verifyCertificateSpki"),
      verifyCertificateHash: fields.strings("verifyCertificateHash"),
      minProtocolVersion: fields.choice("minProtocolVersion") ?? .auto,
      maxProtocolVersion: fields.choice("maxProtocolVersion") ?? .auto,
      cipherSuites: CipherSuite.usable(in: &fields),
      ecdhCurves: fields.strings("ecdhCurves"),
      insecureSkipVerify: fields.bool("insecureSkipVerify"),
      position: fields.sourcePosition)
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    // A mode that is none says nothing about what else there should be.
    guard !fields.isMisread("mode", Mode.self) else { return }
    if minProtocolVersion == .v10 || minProtocolVersion == .v11, cipherSuites.isEmpty {
      fields.report(.oldVersionWithoutCiphers(), at: "minProtocolVersion")
    }
    switch mode {
    case .istioMutual:
      let others = [
        "serverCertificate", "privateKey", "caCertificates", "tlsCertificates", "credentialName",
        "credentialNames",
      ]
      for name in others where fields.isGiven(.key(name)) {
        fields.report(.certificateOfIstioMutual(name), at: .key(name))
      }
    case .passthrough, .autoPassthrough:
      if certificates != .none || caCrl != nil || caCertificates != nil {
        fields.report(.certificateOfPassthrough(mode: mode.rawValue))
      }
      if caCrl != nil, fields.isGiven("credentialName") {
        fields.report(.revocationsBesideCredential(), at: "caCrl")
      }
      fields.checkOneCertificateSource()
    case .simple, .mutual, .optionalMutual:
      fields.checkOneCertificateSource()
      if !fields.isGiven("credentialName"), !fields.isGiven("credentialNames") {
        checkFiles(&fields)
      }
    }
  }

  private func checkFiles(_ fields: inout Fields) {
    if mode != .simple, caCertificates == nil {
      fields.report(.withoutFile("caCertificates", mode: mode.rawValue))
    }
    if mode == .simple, caCrl != nil { fields.report(.revocationsOfSimple(), at: "caCrl") }
    guard case .files(let files) = certificates else {
      fields.report(.withoutFile("serverCertificate", mode: mode.rawValue))
      fields.report(.withoutFile("privateKey", mode: mode.rawValue))
      return
    }
    if files.count > 2 { fields.report(.manyCertificates(), at: "tlsCertificates") }
    for file in files {
      if file.certificate.isEmpty {
        fields.report(.withoutFile("serverCertificate", mode: mode.rawValue))
      }
      if file.privateKey.isEmpty {
        fields.report(.withoutFile("privateKey", mode: mode.rawValue))
      }
    }
  }
}

extension ServerTLSSettings.Certificates {
  fileprivate init(_ fields: inout Fields) {
    let name = fields.string("credentialName")
    let names = fields.strings("credentialNames")
    let certificate = fields.string("serverCertificate")
    let key = fields.string("privateKey")
    let files = fields.many("tlsCertificates", ServerTLSSettings.CertificateFiles.self)
    if !names.isEmpty {
      self = .credentials(names)
    } else if let name {
      self = .credentials([name])
    } else if !files.isEmpty {
      self = .files(files)
    } else if certificate != nil || key != nil {
      self = .files([.init(certificate: certificate ?? "", privateKey: key ?? "")])
    } else {
      self = .none
    }
  }
}

extension ServerTLSSettings.CertificateFiles: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      certificate: fields.text("serverCertificate"), privateKey: fields.text("privateKey"),
      caCertificates: fields.string("caCertificates"))
  }
}

extension Fields {
  fileprivate func checkOneCertificateSource() {
    let sources = [
      isGiven("serverCertificate") && isGiven("privateKey"), isGiven("credentialName"),
      isGiven("credentialNames"), isGiven("tlsCertificates"),
    ]
    if sources.count(where: { $0 }) > 1 { report(.severalCertificateSources()) }
  }
}

/// The cipher suites that Envoy knows by name, as istiod lists them (istio pkg/config/security).
enum CipherSuite {
  /// Those of `cipherSuites` that Envoy takes, each once; the others are reported.
  static func usable(in fields: inout Fields) -> [String] {
    var usable: [String] = []
    for (index, suite) in fields.strings("cipherSuites").enumerated() {
      if !isKnown(suite) {
        fields.report(.unknownCipher(suite), at: "cipherSuites", .index(index))
      } else if usable.contains(suite) {
        fields.report(.repeatedCipher(suite), at: "cipherSuites", .index(index))
      } else {
        usable.append(suite)
      }
    }
    return usable
  }

  /// What starts with neither letter nor digit is an expression of BoringSSL's and is not looked into.
  private static func isKnown(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, name != "ALL" else { return true }
    let isName = first.properties.isAlphabetic || first.properties.numericType != nil
    return !isName || known.contains(name)
  }

  private static let known: Set = [
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA",
    "DES-CBC3-SHA",
  ]
}
