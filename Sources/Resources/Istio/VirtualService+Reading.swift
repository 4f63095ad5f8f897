internal import Diagnostics
internal import Documents

extension VirtualService: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      hosts: fields.strings("hosts"),
      gateways: fields.gateways("gateways"),
      gatewayShorthands: fields.gatewayShorthands(),
      http: fields.many("http"),
      tls: fields.many("tls"),
      tcp: fields.many("tcp"),
      exportTo: fields.exportTo())
    check(&fields)
  }

  private var isBoundToGateways: Bool { !gateways.isEmpty && !gateways.contains(.mesh) }

  private func check(_ fields: inout Fields) {
    if hosts.isEmpty { checkDelegate(&fields) }
    if http.isEmpty, tls.isEmpty, tcp.isEmpty { fields.report(.virtualServiceWithoutRoutes()) }
    let areHostsValid = checkHosts(&fields)
    if areHostsValid { checkOverlaps(&fields) }
    if !isBoundToGateways { checkClaims(&fields) }
    checkReachability(&fields)
    for (index, route) in tls.enumerated() {
      for (position, match) in route.matches.enumerated() {
        for (place, host) in match.sniHosts.enumerated() {
          guard let finding = sniFinding(host) else { continue }
          fields.report(
            finding, at: "tls", .index(index), "match", .index(position), "sniHosts",
            .index(place))
        }
      }
    }
  }

  /// Without hosts it is a part of others' routes.
  private func checkDelegate(_ fields: inout Fields) {
    for (name, isThere) in [
      ("gateways", !gateways.isEmpty), ("tls", !tls.isEmpty), ("tcp", !tcp.isEmpty),
    ] where isThere {
      fields.report(.fieldOfDelegate(name), at: .key(name))
    }
    for (index, route) in http.enumerated() {
      if case .delegate = route.action {
        fields.report(.delegateOfDelegate(), at: "http", .index(index), "delegate")
      }
    }
  }

  private func checkHosts(_ fields: inout Fields) -> Bool {
    let hasServerNames = tls.contains { $0.matches.contains { !$0.sniHosts.isEmpty } }
    var areValid = true
    for (index, host) in hosts.enumerated() {
      let finding =
        isBoundToGateways
        ? HostRule.gatewayBoundName(host, allowingGenerated: hasServerNames)
        : HostRule.wildcardName(host)
      if let finding {
        if IPAddress(host) != nil { continue }
        fields.report(finding, at: "hosts", .index(index))
        areValid = false
      } else if host == "*", !isBoundToGateways {
        fields.report(.everyHostInMesh(), at: "hosts", .index(index))
        areValid = false
      }
    }
    return areValid
  }

  /// Of two hosts without wildcards only equal ones overlap: the rest is compared with wildcards alone,
  /// so that a long list is not compared pair by pair.
  private func checkOverlaps(_ fields: inout Fields) {
    var plain: Set<String> = []
    let wildcards = hosts.enumerated().filter { $0.element.hasPrefix("*") }
    for (index, host) in hosts.enumerated() {
      let isWildcard = host.hasPrefix("*")
      if !isWildcard, !plain.insert(host).inserted {
        fields.report(.overlappingHosts(host, host), at: "hosts", .index(index))
      }
      for (other, wildcard) in wildcards where other != index && (!isWildcard || other < index) {
        guard HostRule.overlap(host, wildcard) else { continue }
        let pair = other < index ? (wildcard, host) : (host, wildcard)
        fields.report(.overlappingHosts(pair.0, pair.1), at: "hosts", .index(index))
      }
    }
  }

  /// Claims are known where requests are authenticated: at gateways.
  private func checkClaims(_ fields: inout Fields) {
    for (index, route) in http.enumerated() {
      for (position, match) in route.matches.enumerated() {
        for (name, headers) in [
          ("headers", match.headers), ("withoutHeaders", match.withoutHeaders),
        ] {
          for header in headers where header.claim != nil {
            fields.report(
              .claimInMesh(header.key), at: "http", .index(index), "match", .index(position),
              .key(name), .key(header.key))
          }
        }
      }
    }
  }

  private func sniFinding(_ host: String) -> Finding? {
    let finding =
      isBoundToGateways
      ? HostRule.gatewayBoundName(host, allowingGenerated: true) : HostRule.wildcardName(host)
    if let finding { return IPAddress(host) == nil ? finding : .addressAsServerName(host) }
    return hosts.contains { HostRule.isSubset(host, of: $0) }
      ? nil : .serverNameOfNoHost(host, hosts: hosts)
  }
}

extension GatewayReference {
  /// `name`, `namespace/name`, `./name`, `mesh`, and the legacy `name.namespace` and
  /// `name.namespace.svc.…`, as istiod resolves them in `namespace`.
  init(_ text: String, in namespace: String) {
    if text == "mesh" {
      self = .mesh
      return
    }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      self = .gateway(
        namespace: parts[0] == "." ? namespace : String(parts[0]), name: String(parts[1]))
      return
    }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    self = .gateway(
      namespace: labels.count > 1 ? String(labels[1]) : namespace, name: String(labels[0]))
  }
}

extension Fields {
  /// Gateways by name; istiod stops looking at the list after a name without a slash.
  mutating func gateways(_ key: String) -> [GatewayReference] {
    let names = strings(key)
    for (index, name) in names.enumerated() {
      let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 1 {
        if name.contains(".") { report(.legacyGatewayName(name), at: .key(key), .index(index)) }
        if let finding = HostRule.fullName(name) { report(finding, at: .key(key), .index(index)) }
        break
      }
      if !parts.allSatisfy({ HostRule.isLabel($0) }) {
        report(.badGatewayReference(name), at: .key(key), .index(index))
      }
    }
    return names.map { GatewayReference($0, in: reading.namespace) }
  }

  /// Those of the field `gateways` that are named so.
  fileprivate func gatewayShorthands() -> [GatewayShorthand] {
    guard case .sequence(let names)? = node(at: ["gateways"])?.content else { return [] }
    return names.enumerated().compactMap { index, name in
      guard let text = name.text else { return nil }
      let isShort = text.contains("/") ? text.hasPrefix("./") : text.contains(".")
      return isShort ? GatewayShorthand(index: index, text: text) : nil
    }
  }

  /// A port that matches look at: 0 and absence are any.
  mutating func matchedPort() -> Int? {
    guard let port = int("port", .uint32), port != 0 else { return nil }
    if let finding = TextRule.port(port) { report(finding, at: "port") }
    return port
  }
}
