/// Servers of Gateways that a proxy does not open.
extension Finding {
  package static func serverHostsTaken(_ hosts: [String], port: Int) -> Finding {
    notOpened(
      "an earlier server with TLS has \(hosts.joined(separator: ", ")) on port \(port)",
      code: .conflictingGateways)
  }

  package static func serverProtocolTaken(
    _ mine: String, by theirs: String, port: Int
  ) -> Finding {
    notOpened(
      mine == theirs
        ? "an earlier server has port \(port), and no two of \(theirs) can share one"
        : "an earlier server has port \(port) for \(theirs), which \(mine) cannot share")
  }

  package static func serverPortNameTaken(_ name: String, port: Int) -> Finding {
    notOpened(
      "an earlier HTTPS server of the Gateway has port \(port) by the name \"\(name)\" already")
  }

  package static func serverNeedsAgent(_ mode: String) -> Finding {
    notOpened(
      "\(mode) without credentialName takes certificates from Istio's agent, and a stock Envoy has "
        + "none beside it")
  }

  package static func hostsOfSeveralGateways(
    _ hosts: [String], port: Int, others: [String]
  ) -> Finding {
    Finding(
      .warning, code: .conflictingGateways,
      "other Gateways of the same proxies have \(clipped(hosts)) on port \(port) too",
      evidence: "They are \(clipped(others))",
      effect: "Rules bound to any of them are used; with TLS the oldest server alone is opened")
  }

  private static func notOpened(_ problem: String, code: Code? = nil) -> Finding {
    Finding(
      .warning, code: code, problem,
      effect: "This server is not opened, and the earlier ones serve as before")
  }
}

extension Code {
  package static let conflictingGateways = Code("IST0145")
}
