extension Service.Port {
  /// What is spoken on the port: `appProtocol`, else what the name begins with (istiod's
  /// `kube.ConvertProtocol`).
  package var portProtocol: PortProtocol {
    if transport == .udp { return .udp }
    switch appProtocol {
    case "kubernetes.io/h2c": return .http2
    case "kubernetes.io/ws": return .http
    case "kubernetes.io/wss": return .https
    case .some, nil: break
    }
    let text = (appProtocol ?? name ?? "").lowercased()
    if text.hasPrefix("grpc-web") { return .grpcWeb }
    let found = PortProtocol(parsing: String(text.prefix { $0 != "-" }))
    return found == .unsupported && Self.unsniffedPorts.contains(port) ? .tcp : found
  }

  /// Servers on these ports speak first, and would wait for ever for a client whose protocol a proxy
  /// tries to find out: SMTP, DNS, MySQL, MongoDB.
  private static let unsniffedPorts: Set = [25, 53, 3306, 27017]
}

extension Object where Spec == Service {
  /// Who may see the service, from its annotation `networking.istio.io/exportTo`.
  package var exportTo: [ExportTarget] {
    guard let text = metadata.annotations["networking.istio.io/exportTo"], !text.isEmpty else {
      return []
    }
    return list(text).map { part in
      ExportTarget(String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
    }
  }

  /// The SPIFFE identities that annotations add to the service's own.
  package func annotatedIdentities(trustDomain: String) -> [String] {
    let canonical = metadata.annotations["alpha.istio.io/canonical-serviceaccounts"] ?? ""
    let kubernetes = metadata.annotations["alpha.istio.io/kubernetes-serviceaccounts"] ?? ""
    return (canonical.isEmpty ? [] : list(canonical))
      + (kubernetes.isEmpty ? [] : list(kubernetes)).map {
        "spiffe://\(trustDomain)/ns/\(metadata.namespace)/sa/\($0)"
      }
  }

  private func list(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
