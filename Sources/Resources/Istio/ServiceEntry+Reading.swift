internal import Diagnostics
internal import Documents

extension ServiceEntry: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      hosts: fields.strings("hosts"),
      addresses: fields.strings("addresses", check: TextRule.subnet),
      ports: fields.many("ports"),
      location: fields.choice("location") ?? .meshExternal,
      resolution: fields.choice("resolution") ?? .none,
      endpoints: fields.many("endpoints"),
      workloadSelector: fields.selector("workloadSelector", labels: "labels"),
      exportTo: fields.exportTo(allowingNobody: true),
      subjectAltNames: fields.strings("subjectAltNames"))
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    checkHosts(&fields)
    checkPorts(&fields)
    if workloadSelector?.isEmpty == true { fields.report(.emptySelector(), at: "workloadSelector") }
    if workloadSelector != nil, fields.isGiven("endpoints") {
      fields.report(.exclusive(["workloadSelector", "endpoints"]))
    }
    if resolution != .none, resolution != .static, addresses.contains(where: { $0.contains("/") }) {
      fields.report(.blockOfResolution(resolution.rawValue), at: "addresses")
    }
    switch resolution {
    case .none:
      if !endpoints.isEmpty {
        fields.report(.endpointsOfResolution(resolution.rawValue), at: "endpoints")
      }
      if workloadSelector != nil { fields.report(.selectorOfNone(), at: "workloadSelector") }
    case .static:
      for (index, endpoint) in endpoints.enumerated() {
        endpoint.checkStatic(&fields, at: index, ports: ports)
      }
    case .dns, .dnsRoundRobin: checkDNS(&fields)
    case .dynamicDNS: checkDynamicDNS(&fields)
    }
    let cannotTellHosts = ports.contains { !$0.portProtocol.isHTTP && !$0.portProtocol.isTLS }
    if resolution != .none, hosts.count > 1, cannotTellHosts {
      fields.report(.severalHostsOfTCP(), at: "hosts")
    }
  }

  private func checkHosts(_ fields: inout Fields) {
    if hosts.isEmpty { fields.report(.entryWithoutHosts(), at: "hosts") }
    for (index, host) in hosts.enumerated() {
      if host == "*" {
        fields.report(.everyHostAsEntry(), at: "hosts", .index(index))
        continue
      }
      if let finding = HostRule.wildcardName(host) {
        fields.report(finding, at: "hosts", .index(index))
      }
      if resolution != .dynamicDNS, HostRule.partialWildcard(host) != nil {
        fields.report(.partialWildcardOfEntry(host), at: "hosts", .index(index))
      }
    }
  }

  private func checkPorts(_ fields: inout Fields) {
    let label = fields.reading.metadata.labels["networking.istio.io/enable-autoallocate-ip"]
    let isRefusedAllocation = label?.lowercased() == "false"
    var names: Set<String> = []
    var numbers: Set<Int> = []
    for (index, port) in ports.enumerated() {
      let text = fields.node(at: ["ports", .index(index), "protocol"])?.text ?? ""
      let isOpaque = text.isEmpty || text == "TCP"
      if isOpaque, addresses.isEmpty, resolution == .none || isRefusedAllocation {
        // istioctl does not look at labels, and takes it that addresses are allocated.
        let finding = Finding.opaquePortWithoutAddress()
        fields.report(
          resolution == .none ? finding : finding.withoutCode, at: "ports", .index(index))
      }
      if !names.insert(port.name).inserted {
        fields.report(.duplicatePortName(port.name), at: "ports", .index(index), "name")
      }
      if !numbers.insert(port.number).inserted {
        fields.report(.duplicatePort(port.number), at: "ports", .index(index), "number")
      }
    }
  }

  private func checkDNS(_ fields: inout Fields) {
    if endpoints.isEmpty, let bad = hosts.firstIndex(where: { HostRule.fullName($0) != nil }) {
      fields.report(
        .hostNotToResolve(hosts[bad], resolution: resolution.rawValue), at: "hosts", .index(bad))
    }
    if resolution == .dnsRoundRobin, endpoints.count > 1 {
      fields.report(.severalEndpointsOfRoundRobin(), at: "endpoints")
    }
    for (index, endpoint) in endpoints.enumerated() {
      let address = endpoint.address ?? ""
      if IPAddress(address) == nil, HostRule.fullName(address) != nil {
        fields.report(.badEndpointAddress(address), at: "endpoints", .index(index), "address")
      }
      endpoint.checkPortNames(&fields, at: index, ports: ports)
    }
    if !addresses.isEmpty, hosts.count > 1, ports.contains(where: \.portProtocol.isTCP) {
      fields.report(.severalHostsBehindAddress(), at: "hosts")
    }
  }

  private func checkDynamicDNS(_ fields: inout Fields) {
    for (index, host) in hosts.enumerated() where !host.hasPrefix("*") {
      fields.report(.plainHostOfDynamicDNS(host), at: "hosts", .index(index))
    }
    if !addresses.isEmpty {
      fields.report(.addressesOfResolution(resolution.rawValue), at: "addresses")
    }
    if !endpoints.isEmpty {
      fields.report(.endpointsOfResolution(resolution.rawValue), at: "endpoints")
    }
    for (index, port) in ports.enumerated()
    where ![.http, .tls, .grpc, .http2].contains(port.portProtocol) {
      fields.report(.protocolOfDynamicDNS(), at: "ports", .index(index), "protocol")
    }
    let waypoint = fields.reading.metadata.labels["istio.io/use-waypoint"] ?? ""
    if location == .meshInternal, !waypoint.isEmpty, waypoint.lowercased() != "none" {
      // istioctl does not look at labels.
      fields.report(Finding.internalDynamicDNSWithWaypoint().withoutCode, at: "location")
    }
  }
}

extension ServiceEntry.Port: FieldReadable {
  init(_ fields: inout Fields) {
    let text = fields.text("protocol")
    let target = fields.int("targetPort", .uint32) ?? 0
    self.init(
      number: fields.int("number", .uint32) ?? 0, name: fields.text("name"),
      portProtocol: PortProtocol(parsing: text), targetPort: target == 0 ? nil : target,
      position: fields.sourcePosition)
    if !text.isEmpty, portProtocol == .unsupported {
      fields.report(.unknownEntryProtocol(text), at: "protocol")
    }
    if let finding = TextRule.port(number) { fields.report(finding, at: "number") }
    if target != 0, let finding = TextRule.port(target) { fields.report(finding, at: "targetPort") }
    if let finding = TextRule.portName(name) { fields.report(finding, at: "name") }
  }
}
