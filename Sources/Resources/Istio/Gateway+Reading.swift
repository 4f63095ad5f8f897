internal import Diagnostics
internal import Documents

extension Gateway: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(selector: fields.labels("selector"), servers: fields.many("servers"))
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    if let name = fields.reading.object?.name, !HostRule.isLabel(name) {
      fields.report(.badGatewayName(name))
    }
    if servers.isEmpty { fields.report(.gatewayWithoutServers(), at: "servers") }
    var names: Set<String> = []
    for (index, server) in servers.enumerated() where !server.port.name.isEmpty {
      if !names.insert(server.port.name).inserted {
        fields.report(
          .duplicatePortName(server.port.name), at: "servers", .index(index), "port", "name")
      }
    }
  }
}

extension Gateway.Server: FieldReadable {
  convenience init(_ fields: inout Fields) {
    self.init(
      name: fields.string("name"),
      port: fields.one("port")
        ?? Gateway.Port(number: 0, name: "", portProtocol: .unsupported, protocolText: ""),
      bind: fields.string("bind"),
      hosts: ServerHost.sanitized(
        fields.strings("hosts", check: HostRule.serverHost), of: fields.reading.namespace),
      tls: fields.one("tls"),
      defaultEndpoint: fields.string("defaultEndpoint"),
      position: fields.sourcePosition)
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    if hosts.isEmpty { fields.report(.serverWithoutHosts(), at: "hosts") }
    guard fields.has("port") else {
      fields.report(.missing("port"))
      return
    }
    checkBind(&fields)
    if port.portProtocol == .unsupported {
      fields.report(.unknownServerProtocol(port.protocolText), at: "port", "protocol")
    } else {
      checkTLS(&fields)
    }
  }

  private func checkBind(_ fields: inout Fields) {
    guard let bind, bind.hasPrefix("unix://") else {
      if let bind, IPAddress(bind) == nil { fields.report(.badBind(bind), at: "bind") }
      if let finding = TextRule.port(port.number) { fields.report(finding, at: "port", "number") }
      return
    }
    if let finding = TextRule.unixPath(bind.dropFirst("unix://".count)) {
      fields.report(finding, at: "bind")
    }
    if port.number != 0 { fields.report(.portOfSocket(port.number), at: "port", "number") }
  }

  private func checkTLS(_ fields: inout Fields) {
    guard let tls else {
      if port.portProtocol.isTLS { fields.report(.serverWithoutTLS(port.protocolText)) }
      return
    }
    if tls.httpsRedirect, !port.portProtocol.isHTTP {
      fields.report(.redirectOnOtherThanHTTP(port.protocolText), at: "tls", "httpsRedirect")
    }
    guard !port.portProtocol.isTLS else { return }
    guard port.portProtocol.isHTTP else {
      fields.report(.tlsOnPlainPort(port.protocolText), at: "tls")
      return
    }
    // Redirection needs no certificate: the mode is then the default one, passthrough.
    let hasFiles = ["serverCertificate", "privateKey", "caCertificates"].contains {
      fields.isGiven("tls", .key($0))
    }
    let isPassthrough = tls.mode == .passthrough || tls.mode == .autoPassthrough
    if !isPassthrough || hasFiles {
      fields.report(.tlsOnPlainPort(port.protocolText), at: "tls")
    }
  }
}

extension Gateway.Port: FieldReadable {
  init(_ fields: inout Fields) {
    let text = fields.text("protocol")
    self.init(
      number: fields.int("number", .uint32) ?? 0, name: fields.text("name"),
      portProtocol: PortProtocol(parsing: text), protocolText: text)
    if name.isEmpty { fields.report(.missing("name")) }
    if let target = fields.int("targetPort", .uint32), target > 0 {
      fields.report(.targetPortOfServer(), at: "targetPort")
    }
  }
}

extension ServerHost {
  /// The hosts as istiod takes them: `./h` belongs to the Gateway's namespace, `*/h` is `h`, and `*/*`
  /// covers everything else.
  static func sanitized(_ texts: [String], of namespace: String) -> [ServerHost] {
    let hosts = texts.map { text -> ServerHost in
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return ServerHost(host: text) }
      let host = String(parts[1])
      return switch parts[0] {
      case "*": ServerHost(host: host)
      case ".": ServerHost(namespace: namespace, host: host)
      default: ServerHost(namespace: String(parts[0]), host: host)
      }
    }
    return texts.contains("*/*") ? [ServerHost(host: "*")] : hosts
  }
}
