/// What selects workloads that are not there, or lack something.
extension Finding {
  package static func selectsNothing(_ selector: String, _ effect: String) -> Finding {
    Finding(
      .warning, code: .referencedResourceNotFound,
      "no known workload has the labels \(selector)", effect: effect)
  }

  package static func policyOfNoWorkload(_ selector: String) -> Finding {
    Finding(
      .warning, code: .noMatchingWorkloads,
      selector.isEmpty
        ? "the namespace has no known workloads" : "no known workload has the labels \(selector)",
      effect: "The policy has no effect")
  }

  package static func unknownNamespace(_ name: String) -> Finding {
    Finding(
      .warning, code: .referencedResourceNotFound, "there is no namespace \(name)",
      effect: "Nobody asks from there")
  }

  package static func portOfNoService(_ port: Int, selector: String) -> Finding {
    Finding(
      .warning, code: .gatewayPortNotOnService,
      "no Service of the workloads with \(selector) has port \(port)",
      effect: "The port is opened, and clients cannot reach it through the Service")
  }

  package static func unknownCredential(_ name: String, namespaces: [String]) -> Finding {
    Finding(
      .warning, code: .referencedResourceNotFound,
      "there is no Secret \(name)"
        + (namespaces.isEmpty ? "" : " in the proxies' namespace \(clipped(namespaces))"),
      effect: "The proxies wait for it and do not answer TLS handshakes of this server")
  }

  package static func credentialOfNoCertificate(_ secret: String) -> Finding {
    Finding(
      .error, code: .invalidCredential,
      "the Secret \(secret) has no certificate with its key (tls.crt and tls.key, or cert and key)",
      effect: "The proxies wait for it and do not answer TLS handshakes of this server")
  }

  package static func refusedCredential(_ secret: String) -> Finding {
    Finding(
      .error, code: .invalidCredential, "the Secret \(secret) is refused as it is written",
      effect:
        "Its last good version, if it had one, is served; without one the proxies do not answer TLS "
        + "handshakes of this server")
  }

  package static func claimsOfUnverifiedTokens(_ gateway: String, workload: String) -> Finding {
    Finding(
      .error, code: .claimsWithoutAuthentication,
      "no RequestAuthentication verifies the tokens at \(workload), a proxy of Gateway \(gateway)",
      effect: "No request has claims there, so the match never fits")
  }

  package static func subsetOfNoWorkload(_ subset: String, selector: String) -> Finding {
    Finding(
      .warning, code: .subsetSelectsNothing,
      "no known workload of the service is in subset \"\(subset)\": none has \(selector)",
      effect: "Requests sent to it are answered 503")
  }

  package static func severalSidecarsForAll(_ others: [String]) -> Finding {
    Finding(
      .error, code: .severalSidecarsForAll,
      "other Sidecars of the namespace have no workloadSelector either",
      evidence: "They are \(clipped(others))", effect: "Sidecars follow one of them, the oldest")
  }

  package static func severalSidecarsForOne(_ workload: String, _ others: [String]) -> Finding {
    Finding(
      .error, code: .severalSidecarsForOne, "other Sidecars select \(workload) too",
      evidence: "They are \(clipped(others))", effect: "It follows one of them, the oldest")
  }

  package static func severalTelemetriesForAll(_ others: [String]) -> Finding {
    Finding(
      .error, code: .severalTelemetriesForAll,
      "other Telemetries of the namespace have no selector either",
      evidence: "They are \(clipped(others))", effect: "Workloads follow one of them, the oldest")
  }

  package static func severalTelemetriesForOne(_ workload: String, _ others: [String]) -> Finding {
    Finding(
      .error, code: .severalTelemetriesForOne, "other Telemetries select \(workload) too",
      evidence: "They are \(clipped(others))", effect: "It follows one of them, the oldest")
  }

  package static func portWithoutProtocol(_ name: String, port: Int) -> Finding {
    Finding(
      .info, code: .portNameConvention,
      "neither appProtocol nor the name \"\(name)\" says what is spoken on port \(port)",
      effect: "Gateways speak HTTP/1.1 to it, and sidecars find out for themselves")
  }

  package static func aliasPortWithoutProtocol(_ port: Int) -> Finding {
    Finding(
      .warning, code: .aliasPortName,
      "neither appProtocol nor the name says more than tcp of port \(port)",
      effect: "Sidecars may take other traffic to the port for it")
  }
}

extension Code {
  package static let severalSidecarsForOne = Code("IST0110")
  package static let severalSidecarsForAll = Code("IST0111")
  package static let portNameConvention = Code("IST0118")
  package static let noMatchingWorkloads = Code("IST0127")
  package static let claimsWithoutAuthentication = Code("IST0149")
  package static let aliasPortName = Code("IST0150")
  package static let severalTelemetriesForOne = Code("IST0159")
  package static let severalTelemetriesForAll = Code("IST0160")
  package static let invalidCredential = Code("IST0161")
  package static let gatewayPortNotOnService = Code("IST0162")
  package static let subsetSelectsNothing = Code("IST0173")
}
