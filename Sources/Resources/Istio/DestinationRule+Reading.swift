internal import Diagnostics
internal import Documents

extension DestinationRule: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      host: fields.text("host", check: HostRule.wildcardName),
      trafficPolicy: fields.one("trafficPolicy"),
      subsets: fields.withoutWarningsOfIstiod { $0.many("subsets") },
      exportTo: fields.exportTo(),
      workloadSelector: fields.selector("workloadSelector", labels: "matchLabels"))
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    if !fields.has("host") { fields.report(.missing("host")) }
    var names: Set<String> = []
    for (index, subset) in subsets.enumerated() where !names.insert(subset.name).inserted {
      fields.report(.duplicateSubset(subset.name), at: "subsets", .index(index), "name")
    }
    guard let workloadSelector else { return }
    if workloadSelector.isEmpty { fields.report(.emptySelector(), at: "workloadSelector") }
    let own = [ExportTarget.ownNamespace, .namespace(fields.reading.namespace)]
    if !exportTo.allSatisfy(own.contains) {
      fields.report(.selectorBeyondNamespace(), at: "exportTo")
    }
  }
}

extension DestinationRule.Subset: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.text("name") { HostRule.isLabel($0) ? nil : .badSubsetName($0) },
      labels: fields.labels("labels", check: TextRule.label),
      trafficPolicy: fields.one("trafficPolicy"),
      position: fields.sourcePosition)
    if !fields.has("name") { fields.report(.missing("name")) }
  }
}

extension TrafficPolicy: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      loadBalancer: fields.one("loadBalancer"),
      connectionPool: fields.one("connectionPool"),
      outlierDetection: fields.one("outlierDetection"),
      tls: fields.one("tls"),
      portLevelSettings: fields.withoutWarningsOfIstiod { $0.many("portLevelSettings") },
      tunnel: fields.one("tunnel"),
      proxyProtocol: fields.one("proxyProtocol") { $0.choice("version") ?? .v1 },
      retryBudget: fields.one("retryBudget"))
    let names = [
      "loadBalancer", "connectionPool", "outlierDetection", "tls", "tunnel", "proxyProtocol",
      "retryBudget",
    ]
    if portLevelSettings.isEmpty, !names.contains(where: fields.has) {
      fields.report(.emptyTrafficPolicy())
    }
    if tunnel != nil, proxyProtocol != nil {
      fields.report(.exclusive(["tunnel", "proxyProtocol"]))
    }
    loadBalancer?.checkFailover(&fields, hasOutlierDetection: outlierDetection != nil)
  }
}

extension TrafficPolicy.PortTrafficPolicy: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      port: fields.one("port") { $0.int("number", .uint32) ?? 0 } ?? 0,
      loadBalancer: fields.one("loadBalancer"),
      connectionPool: fields.one("connectionPool"),
      outlierDetection: fields.one("outlierDetection"),
      tls: fields.one("tls"),
      position: fields.sourcePosition)
    if !fields.has("port") { fields.report(.missing("port")) }
    let names = ["loadBalancer", "connectionPool", "outlierDetection", "tls"]
    if !names.contains(where: fields.has) { fields.report(.emptyTrafficPolicy()) }
    loadBalancer?.checkFailover(&fields, hasOutlierDetection: outlierDetection != nil)
  }
}

extension TrafficPolicy.TunnelSettings: FieldReadable {
  init(_ fields: inout Fields) {
    let method = fields.string("protocol") { text in
      text.isEmpty || Method(rawValue: text) != nil
        ? nil : .unknownChoice(text, choices: Method.allCases.map(\.rawValue))
    }
    self.init(
      method: method.flatMap(Method.init) ?? .connect, targetHost: fields.text("targetHost"),
      targetPort: fields.int("targetPort", .uint32) ?? 0)
    if IPAddress(targetHost) == nil, let finding = HostRule.fullName(targetHost) {
      fields.report(finding, at: "targetHost")
    }
    if let finding = TextRule.port(targetPort) { fields.report(finding, at: "targetPort") }
  }
}

extension TrafficPolicy.RetryBudget: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      percent: fields.double("percent"),
      minRetryConcurrency: fields.int("minRetryConcurrency", .uint32) ?? 0,
      budgetInterval: fields.duration("budgetInterval"))
  }
}

extension OutlierDetection: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      consecutiveErrors: fields.int("consecutiveErrors", .int32) ?? 0,
      splitExternalLocalOriginErrors: fields.flag("splitExternalLocalOriginErrors"),
      consecutiveLocalOriginFailures: fields.int("consecutiveLocalOriginFailures", .uint32),
      consecutiveGatewayErrors: fields.int("consecutiveGatewayErrors", .uint32),
      consecutive5xxErrors: fields.int("consecutive5xxErrors", .uint32),
      interval: fields.duration("interval", check: TextRule.duration),
      baseEjectionTime: fields.duration("baseEjectionTime", check: TextRule.duration),
      maxEjectionPercent: fields.int("maxEjectionPercent", .int32) ?? 0,
      minHealthPercent: fields.int("minHealthPercent", .int32) ?? 0,
      httpErrorCodes: fields.ints("outlierDetectionHttpErrorCodes", .uint32))
    if consecutiveErrors != 0 {
      fields.report(
        .deprecated("consecutiveErrors", instead: "consecutive5xxErrors"), at: "consecutiveErrors")
    }
    if !splitExternalLocalOriginErrors, (consecutiveLocalOriginFailures ?? 0) > 0 {
      fields.report(.localFailuresWithoutSplit(), at: "consecutiveLocalOriginFailures")
    }
    for (name, value) in [
      ("maxEjectionPercent", maxEjectionPercent), ("minHealthPercent", minHealthPercent),
    ] {
      if let finding = TextRule.percent(value) { fields.report(finding, at: .key(name)) }
    }
  }
}

extension ClientTLSSettings: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      mode: fields.choice("mode") ?? .disable,
      clientCertificate: fields.string("clientCertificate"),
      privateKey: fields.string("privateKey"),
      caCertificates: fields.string("caCertificates"),
      caCrl: fields.string("caCrl"),
      credentialName: fields.string("credentialName"),
      subjectAltNames: fields.strings("subjectAltNames"),
      sni: fields.string("sni"),
      insecureSkipVerify: fields.bool("insecureSkipVerify"),
      position: fields.sourcePosition)
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    guard !fields.isMisread("mode", Mode.self) else { return }
    if let credentialName, credentialName.hasPrefix("configmap://") {
      checkConfigMap(credentialName.dropFirst("configmap://".count), &fields)
    }
    if insecureSkipVerify == true { checkSkippedVerification(&fields) }
    guard mode == .simple || mode == .mutual else { return }
    if credentialName != nil {
      for name in ["clientCertificate", "caCertificates", "privateKey", "caCrl"]
      where fields.isGiven(.key(name)) {
        fields.report(.exclusive(["credentialName", name]), at: .key(name))
      }
    } else if mode == .mutual {
      for (name, value) in [("clientCertificate", clientCertificate), ("privateKey", privateKey)]
      where value == nil {
        fields.report(.withoutFile(name, mode: mode.rawValue))
      }
    }
  }

  /// A ConfigMap can be named from its own namespace only: `configmap://namespace/name`.
  private func checkConfigMap(_ rest: Substring, _ fields: inout Fields) {
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count != 2 || parts[0] != fields.reading.namespace || parts[0].isEmpty {
      fields.report(
        .configMapElsewhere(String(rest), namespace: fields.reading.namespace),
        at: "credentialName")
    }
  }

  private func checkSkippedVerification(_ fields: inout Fields) {
    let names =
      switch mode {
      case .simple: ["caCertificates", "credentialName", "subjectAltNames"]
      case .mutual: ["caCertificates", "subjectAltNames"]
      case .disable, .istioMutual: [String]()
      }
    for name in names where fields.isGiven(.key(name)) {
      fields.report(.exclusive(["insecureSkipVerify", name]), at: .key(name))
    }
  }
}
