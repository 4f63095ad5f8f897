/// Servers of Gateways that a proxy does not open.
extension Diagnostic {
  package static func serverHostsTaken(
    _ hosts: [String], port: Int, of gateway: ObjectName, server index: Int, at place: Place
  ) -> Self {
    notOpened(
      gateway, index, "hosts", at: place,
      "an earlier server with TLS has \(hosts.joined(separator: ", ")) on port \(port)")
  }

  package static func serverProtocolTaken(
    _ mine: String, by theirs: String, port: Int, of gateway: ObjectName, server index: Int,
    at place: Place
  ) -> Self {
    notOpened(
      gateway, index, "port.protocol", at: place,
      "an earlier server has port \(port) for \(theirs), which \(mine) cannot share")
  }

  package static func serverPortNameTaken(
    _ name: String, port: Int, of gateway: ObjectName, server index: Int, at place: Place
  ) -> Self {
    notOpened(
      gateway, index, "port.name", at: place,
      "an earlier HTTPS server of the Gateway has port \(port) by the name \"\(name)\" already")
  }

  package static func serverNeedsAgent(
    _ mode: String, of gateway: ObjectName, server index: Int, at place: Place
  ) -> Self {
    notOpened(
      gateway, index, "tls", at: place,
      "\(mode) without credentialName takes certificates from Istio's agent, and a stock Envoy has "
        + "none beside it")
  }

  private static func notOpened(
    _ gateway: ObjectName, _ index: Int, _ field: String, at place: Place, _ problem: String
  ) -> Self {
    Diagnostic(
      severity: .warning, place: place, object: gateway, field: "servers[\(index)].\(field)",
      problem: problem,
      effect: "This server is not opened, and the earlier ones serve as before")
  }
}
