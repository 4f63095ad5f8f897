internal import Diagnostics
internal import Documents

extension Sidecar: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      workloadSelector: fields.selector("workloadSelector", labels: "labels"),
      ingress: fields.many("ingress"),
      egress: fields.many("egress"),
      inboundConnectionPool: fields.one("inboundConnectionPool"),
      outboundTrafficPolicy: fields.one("outboundTrafficPolicy"))
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    if workloadSelector?.isEmpty == true { fields.report(.emptySelector(), at: "workloadSelector") }
    if !["egress", "ingress", "outboundTrafficPolicy", "inboundConnectionPool"].contains(where: {
      fields.isGiven(.key($0))
    }) {
      fields.report(.emptySidecar())
    }
    var numbers: Set<Int> = []
    for (index, listener) in ingress.enumerated()
    where listener.port.number != 0 && !numbers.insert(listener.port.number).inserted {
      fields.report(
        .duplicatePort(listener.port.number), at: "ingress", .index(index), "port", "number")
    }
    checkEgress(&fields)
  }

  private func checkEgress(_ fields: inout Fields) {
    var numbers: Set<Int> = []
    var binds: Set<String> = []
    for (index, listener) in egress.enumerated() {
      guard let port = listener.port else {
        if index < egress.count - 1 {
          fields.report(.catchAllNotLast(), at: "egress", .index(index))
        }
        continue
      }
      if port.number == 0, !binds.insert(listener.bind ?? "").inserted {
        fields.report(
          .duplicateSocket(listener.bind ?? ""), at: "egress", .index(index), "bind")
      } else if port.number != 0, !numbers.insert(port.number).inserted {
        fields.report(
          .duplicatePort(port.number), at: "egress", .index(index), "port", "number")
      }
    }
  }
}

extension Sidecar.Port: FieldReadable {
  init(_ fields: inout Fields) {
    let text = fields.text("protocol")
    self.init(
      number: fields.int("number", .uint32) ?? 0, portProtocol: PortProtocol(parsing: text),
      name: fields.string("name", check: { $0.isEmpty ? nil : TextRule.portName($0) }))
    if !text.isEmpty, portProtocol == .unsupported {
      fields.report(.unknownEntryProtocol(text), at: "protocol")
    }
    if let target = fields.int("targetPort", .uint32), target > 0 {
      fields.report(.targetPortOfSidecar(), at: "targetPort")
    }
  }
}

extension Sidecar.IngressListener: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      port: fields.one("port") ?? .init(number: 0, portProtocol: .unsupported),
      bind: fields.bindAddress(),
      captureMode: fields.choice("captureMode") ?? .default,
      defaultEndpoint: fields.string("defaultEndpoint") {
        $0.isEmpty ? nil : EndpointRule.ofIngress($0)
      },
      tls: fields.one("tls"),
      connectionPool: fields.one("connectionPool"),
      position: fields.sourcePosition)
    guard fields.has("port") else {
      fields.report(.missing("port"))
      return
    }
    if let finding = TextRule.port(port.number) { fields.report(finding, at: "port", "number") }
    if tls != nil { checkTLS(&fields) }
    if connectionPool?.http != nil, !port.portProtocol.isHTTP {
      fields.report(.requestLimitsOfConnections(), at: "connectionPool", "http")
    }
  }

  private func checkTLS(_ fields: inout Fields) {
    for name in ["subjectAltNames", "credentialName", "credentialNames", "tlsCertificates"]
    where fields.isGiven("tls", .key(name)) {
      fields.report(.tlsFieldOfSidecar(name), at: "tls", .key(name))
    }
    if tls?.httpsRedirect == true {
      fields.report(.tlsFieldOfSidecar("httpsRedirect"), at: "tls", "httpsRedirect")
    }
    if let mode = tls?.mode, mode == .istioMutual || mode == .autoPassthrough {
      fields.report(.tlsModeOfSidecar(mode.rawValue), at: "tls", "mode")
    }
    if !port.portProtocol.isTLS {
      fields.report(.tlsOfPlainSidecarPort(), at: "tls")
    }
  }
}

extension Sidecar.EgressListener: FieldReadable {
  init(_ fields: inout Fields) {
    let port = fields.one("port", Sidecar.Port.self)
    let bindsSocket = port?.number == 0
    self.init(
      port: port,
      bind: port == nil || bindsSocket ? fields.string("bind") : fields.bindAddress(),
      captureMode: fields.choice("captureMode") ?? .default,
      hosts: EgressHosts.read(&fields),
      position: fields.sourcePosition)
    if bindsSocket { checkSocket(&fields) }
    if let port, port.number != 0, let finding = TextRule.port(port.number) {
      fields.report(finding, at: "port", "number")
    }
  }

  private func checkSocket(_ fields: inout Fields) {
    if let bind, bind.hasPrefix("unix://") {
      if let finding = TextRule.unixPath(bind.dropFirst("unix://".count)) {
        fields.report(finding, at: "bind")
      }
    } else {
      fields.report(.portlessWithoutSocket(), at: "bind")
    }
    if captureMode == .iptables { fields.report(.capturedSocket(), at: "captureMode") }
  }
}

extension Sidecar.OutboundTrafficPolicy: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      mode: fields.choice("mode") ?? .registryOnly, egressProxy: fields.one("egressProxy"))
    guard !fields.isMisread("mode", Mode.self), let egressProxy else { return }
    fields.report(.deprecatedEgressProxy(), at: "egressProxy")
    guard mode == .allowAny else {
      fields.report(.egressProxyOfMode(mode.rawValue), at: "egressProxy")
      return
    }
    if let finding = HostRule.fullName(egressProxy.host) {
      fields.report(finding, at: "egressProxy", "host")
    }
    if egressProxy.port == nil { fields.report(.missing("port"), at: "egressProxy") }
  }
}

extension Fields {
  fileprivate mutating func bindAddress() -> String? {
    string("bind") { $0.isEmpty || IPAddress($0) != nil ? nil : .notAnAddress($0) }
  }
}

/// The hosts of an egress listener, and what is odd about them together.
private enum EgressHosts {
  static func read(_ fields: inout Fields) -> [Sidecar.EgressHost] {
    let texts = fields.strings("hosts", check: HostRule.egressHost)
    if texts.isEmpty { fields.report(.egressWithoutHosts(), at: "hosts") }
    let hosts = texts.compactMap { host($0, namespace: fields.reading.namespace) }
    reportRepeats(of: hosts, &fields)
    return hosts
  }

  private static func host(_ text: String, namespace: String) -> Sidecar.EgressHost? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let host = String(parts[1])
    switch parts[0] {
    case "*": return .init(.all, host: host)
    case ".": return .init(.one(namespace), host: host)
    case "~": return .init(.none, host: host)
    case let name where name.hasPrefix("~"):
      return .init(.allBut(String(name.dropFirst())), host: host)
    case let name: return .init(.one(String(name)), host: host)
    }
  }

  /// In istiod's order of reading, which makes a difference to what counts as repeated.
  private static func reportRepeats(of hosts: [Sidecar.EgressHost], _ fields: inout Fields) {
    var seen: [Sidecar.EgressHost.Namespaces: Set<String>] = [:]
    for host in hosts {
      switch host.namespaces {
      case .none, .allBut: continue
      case .all, .one: break
      }
      let before = seen[host.namespaces, default: []]
      let isCovered = before.contains(host.host) || before.contains("*")
      if host.host == "*" ? !before.isEmpty : isCovered {
        fields.report(.repeatedEgressHost(host.host), at: "hosts")
      }
      seen[host.namespaces, default: []].insert(host.host)
    }
    if seen[.all]?.contains("*") == true, seen.count > 1 {
      fields.report(.everyHostAndOthers(), at: "hosts")
    }
  }
}

/// Rules for where an application listens.
private enum EndpointRule {
  /// `127.0.0.1:8080`, `0.0.0.0:8080`, `[::1]:8080`, `[::]:8080`, `:8080` or `unix:///path`.
  static func ofIngress(_ text: String) -> Finding? {
    if text.hasPrefix("unix://") { return TextRule.unixPath(text.dropFirst("unix://".count)) }
    guard let colon = text.lastIndex(of: ":") else { return .badDefaultEndpoint(text) }
    let host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    let address = isBracketed ? host.dropFirst().dropLast() : host
    guard ["", "127.0.0.1", "0.0.0.0", "::1", "::"].contains(address),
      isBracketed || !host.contains(":"),
      let port = Int(text[text.index(after: colon)...])
    else { return .badDefaultEndpoint(text) }
    return TextRule.port(port)
  }
}
