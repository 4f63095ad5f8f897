internal import Diagnostics
internal import Resources

extension MergedGateway.Rejection {
  /// What to tell the user.
  func diagnostic(at place: Place) -> Diagnostic {
    let spec = server.spec
    let index = server.reference.index
    let gateway = ObjectName(
      kind: Gateway.kind.rawValue, namespace: server.gateway.namespace,
      name: server.gateway.name)
    switch reason {
    case .hostsTaken(let hosts):
      return .serverHostsTaken(
        hosts, port: server.resolvedPort, of: gateway, server: index, at: place)
    case .protocolTaken(let theirs):
      return .serverProtocolTaken(
        spec.port.protocolText, by: theirs, port: server.resolvedPort, of: gateway,
        server: index, at: place)
    case .portNameTaken:
      return .serverPortNameTaken(
        spec.port.name, port: server.resolvedPort, of: gateway, server: index, at: place)
    case .needsAgent:
      return .serverNeedsAgent(
        spec.tls?.mode.rawValue ?? "", of: gateway, server: index, at: place)
    }
  }
}
