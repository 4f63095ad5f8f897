package import Diagnostics
internal import Resources

extension MergedGateway.Rejection {
  /// The field of the server that is at odds with the earlier one's.
  package var field: String {
    switch reason {
    case .hostsTaken: "hosts"
    case .protocolTaken: "port.protocol"
    case .portNameTaken: "port.name"
    case .needsAgent: "tls"
    }
  }

  /// What to tell the user.
  package var finding: Finding {
    let port = server.resolvedPort
    return switch reason {
    case .hostsTaken(let hosts): .serverHostsTaken(hosts, port: port)
    case .protocolTaken(let theirs):
      .serverProtocolTaken(server.spec.port.protocolText, by: theirs, port: port)
    case .portNameTaken: .serverPortNameTaken(server.spec.port.name, port: port)
    case .needsAgent: .serverNeedsAgent(server.spec.tls?.mode.rawValue ?? "")
    }
  }

  func diagnostic(at place: Place) -> Diagnostic {
    let gateway = ObjectName(
      kind: Gateway.kind.rawValue, namespace: server.gateway.namespace,
      name: server.gateway.name)
    return finding.about("servers[\(server.reference.index)].\(field)", of: gateway, at: place)
  }
}
