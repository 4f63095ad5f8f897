/// References to what is not there.
extension Finding {
  package static func unknownGateway(_ name: String) -> Finding {
    Finding(
      .error, code: .referencedResourceNotFound, "there is no Gateway \(name)",
      effect: "No proxy uses the rules for it")
  }

  package static func gatewayOfNoName(_ text: String, _ name: String) -> Finding {
    Finding(
      .info, code: .referencedResourceNotFound,
      "istioctl's analyze does not take \"\(text)\" for Gateway \(name), and says that there is none",
      evidence: "Write \(name), which means the same", effect: "Proxies use the rules for it")
  }

  package static func hostsOfNoName(_ text: String, _ name: String) -> Finding {
    Finding(
      .info, code: .hostNotFoundInGateway,
      "istioctl's analyze does not take \"\(text)\" for Gateway \(name), and says that it has none of"
        + " the hosts", effect: "Proxies use the rules for it")
  }

  package static func generatedGateway(_ name: String) -> Finding {
    Finding(
      .warning, code: .generatedGateway,
      "\(name) is what a Gateway of the Gateway API becomes, by a name that may change",
      evidence: "Name the Gateway itself", effect: "Proxies may not use the rules for it")
  }

  package static func hostsInNoServer(
    _ hosts: [String], of gateway: String, servers: [String]
  ) -> Finding {
    Finding(
      .warning, code: .hostNotFoundInGateway,
      "none of the hosts \(clipped(hosts)) is one that Gateway \(gateway) serves",
      evidence: servers.isEmpty ? nil : "It serves \(clipped(servers))",
      effect: "Requests that reach it for them are answered 404")
  }

  package static func rulesOfNoServer(_ list: String, _ servers: [String]) -> Finding {
    Finding(
      .warning, "no server of its Gateways that has its hosts takes \(list) rules",
      evidence: servers.isEmpty ? nil : "Those servers \(servers.joined(separator: " or "))",
      effect: "These rules have no effect")
  }

  package static func matchOfNoServer(port: Int, ports: [Int]) -> Finding {
    Finding(
      .warning, "no server of its Gateways that has its hosts is on port \(port)",
      evidence: "Those servers are on \(clipped(ports.map(String.init)))",
      effect: "The match never fits")
  }

  package static func matchOfOtherGateways(_ names: [String], own: [String]) -> Finding {
    Finding(
      .warning, "the VirtualService is not bound to \(clipped(names))",
      evidence: "It is bound to \(clipped(own))", effect: "The match never fits")
  }

  package static func unknownDelegate(_ name: String) -> Finding {
    Finding(
      .warning, "there is no VirtualService \(name)", effect: "This rule is left out")
  }

  package static func delegateWithHosts(_ name: String) -> Finding {
    Finding(
      .warning, "VirtualService \(name) has hosts, so it is no delegate",
      effect: "This rule is left out")
  }

  package static func hiddenDelegate(_ name: String, from namespace: String) -> Finding {
    Finding(
      .warning, "VirtualService \(name) is not exported to namespace \(namespace)",
      effect: "This rule is left out")
  }

  package static func settingsOfUnknownPort(
    _ port: Int, of host: String, ports: [Int]
  ) -> Finding {
    Finding(
      .warning, "\(host) has no port \(port)",
      evidence: "Its ports: \(clipped(ports.map(String.init)))",
      effect: "These settings have no effect")
  }

  package static func subsetsChosenInMesh(_ host: String, by others: [String]) -> Finding {
    Finding(
      .warning, code: .rulesNotAtGateways,
      "VirtualServices for \(host) choose among its subsets, and this rule goes past them",
      evidence: "They are \(clipped(others))",
      effect: "Requests from gateways go to all of its workloads")
  }

  package static func unknownSubset(
    _ subset: String, of host: String, defined: [String]
  ) -> Finding {
    Finding(
      .error, code: .referencedResourceNotFound,
      "no DestinationRule defines subset \"\(subset)\" of \(host)",
      evidence: defined.isEmpty ? nil : "Subsets that exist: \(clipped(defined))",
      effect: "Requests sent to it are answered 503 until one does")
  }

  package static func unknownDestination(_ host: String) -> Finding {
    Finding(
      .warning, code: .referencedResourceNotFound,
      "no Service or ServiceEntry that is seen from here defines the host \(host)",
      effect: "Requests sent to it are answered 503 until one does")
  }

  package static func unknownDestinationPort(
    _ port: Int, of host: String, ports: [Int]
  ) -> Finding {
    Finding(
      .error, code: .referencedResourceNotFound, "\(host) has no port \(port)",
      evidence: "Its ports: \(clipped(ports.map(String.init)))",
      effect: "Requests sent to it are answered 503")
  }

  package static func destinationWithoutPort(_ host: String, ports: [Int]) -> Finding {
    Finding(
      .warning, code: .destinationPortRequired,
      "\(host) has several ports, and the destination does not say which",
      evidence: "Its ports: \(clipped(ports.map(String.init)))",
      effect:
        "The port that the request came in on is tried, and answered 503 if it is none of them")
  }

  package static func ruleForUnknownHost(_ host: String) -> Finding {
    Finding(
      .warning, code: .unknownDestinationRuleHost,
      "no Service or ServiceEntry that is seen from here defines the host \(host)",
      effect: "The rule has no effect")
  }

  /// A list as sentences show it.
  static func clipped(_ names: [String]) -> String {
    let most = 8
    let rest = names.count > most ? " and \(names.count - most) more" : ""
    return names.prefix(most).joined(separator: ", ") + rest
  }
}

extension Code {
  package static let destinationPortRequired = Code("IST0112")
  package static let hostNotFoundInGateway = Code("IST0132")
  package static let generatedGateway = Code("IST0165")
  package static let rulesNotAtGateways = Code("IST0140")
  package static let unknownDestinationRuleHost = Code("IST0174")
}
