internal import Incremental
package import Resources
package import Store

/// One server of a Gateway as a class of proxies opens it. Many derived values hold the same one, so
/// it is a reference to contents that never change.
package struct GatewayServer: Digested, Sendable {
  private let contents: Contents

  private final class Contents: Hashable, Sendable {
    let reference: ServerReference
    let spec: Gateway.Server
    let resolvedPort: Int
    let routeName: RouteName?

    init(
      _ reference: ServerReference, _ spec: Gateway.Server, resolvedPort: Int,
      like known: RouteName?
    ) {
      self.reference = reference
      self.spec = spec
      self.resolvedPort = resolvedPort
      routeName = spec.routeName(
        of: reference.gateway, resolvedPort: resolvedPort, like: known)
    }

    static func == (a: Contents, b: Contents) -> Bool {
      a === b
        || (a.reference == b.reference && a.resolvedPort == b.resolvedPort && a.spec == b.spec)
    }
    func hash(into hasher: inout Hasher) {
      hasher.combine(reference)
      hasher.combine(resolvedPort)
    }
  }

  package var digest: UInt64 {
    contents.reference.gateway.digest.mixed(
      with: UInt64(truncatingIfNeeded: contents.reference.index))
  }
  package var reference: ServerReference { contents.reference }
  /// Its place in a file may be that of before: a server that only moves is the same.
  package var spec: Gateway.Server { contents.spec }
  /// The port that the proxy listens on: the target port of its Service's port, where one matches.
  package var resolvedPort: Int { contents.resolvedPort }
  /// Nil for what is not HTTP, or is passed through.
  package var routeName: RouteName? { contents.routeName }
  package var gateway: NamespacedName { contents.reference.gateway }
  package var hosts: [ServerHost] { contents.spec.hosts }
  /// As declared.
  package var port: Int { contents.spec.port.number }
  package var redirectsToHTTPS: Bool { contents.spec.tls?.httpsRedirect ?? false }

  /// The hosts by which its filter chain is chosen: without namespaces, each once, sorted; empty for
  /// a server without TLS.
  package var sniHosts: [String] {
    guard contents.spec.tls != nil else { return [] }
    var names: [String] = []
    names.reserveCapacity(hosts.count)
    for host in hosts { names.append(host.host) }
    let isInOrder = names.indices.dropFirst().allSatisfy { names[$0 - 1] < names[$0] }
    if isInOrder { return names }
    names.sort()
    return names.indices.filter { $0 == 0 || names[$0] != names[$0 - 1] }.map { names[$0] }
  }

  /// The server that is referred to; `known` is a name that its routes may have.
  init(
    _ reference: ServerReference, _ spec: Gateway.Server, resolvedPort: Int,
    like known: RouteName? = nil
  ) {
    contents = Contents(reference, spec, resolvedPort: resolvedPort, like: known)
  }
}

/// Which server of which Gateway.
package struct ServerReference: Hashable, Sendable {
  package let gateway: NamespacedName
  /// Its position in `servers`.
  package let index: Int

  package init(gateway: NamespacedName, index: Int) {
    self.gateway = gateway
    self.index = index
  }
}

extension Gateway.Server {
  /// TLS that is passed on unread, to where the SNI says.
  package var isPassthrough: Bool {
    guard let tls else { return false }
    return tls.mode == .passthrough || tls.mode == .autoPassthrough
  }

  /// The proxy reads requests: plain HTTP, or HTTPS that ends here.
  package var isHTTP: Bool {
    port.portProtocol.isHTTP || (port.portProtocol == .https && !isPassthrough)
  }

  /// Told from others of its port by SNI. A plain HTTP server with `tls` only redirects to HTTPS.
  package var isTLS: Bool { tls != nil && !port.portProtocol.isHTTP }

  /// Its certificates are the workload's own or files, which Istio's agent serves to its Envoy.
  var needsAgent: Bool {
    guard let tls, isTLS, !isPassthrough else { return false }
    if tls.mode == .istioMutual { return true }
    switch tls.certificates {
    case .files, .none: return true
    case .credentials: return false
    }
  }

  fileprivate func routeName(
    of gateway: NamespacedName, resolvedPort: Int, like known: RouteName?
  ) -> RouteName? {
    if port.portProtocol.isHTTP {
      if let known, known.isHTTP(port: resolvedPort, bind: bind) { return known }
      return .http(port: resolvedPort, bind: bind)
    }
    guard port.portProtocol == .https, !isPassthrough else { return nil }
    return .https(port: port.number, portName: port.name, gateway: gateway, bind: bind)
  }
}
