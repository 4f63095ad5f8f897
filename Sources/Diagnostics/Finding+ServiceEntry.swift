/// What a ServiceEntry or a WorkloadEntry can get wrong.
extension Finding {
  package static func entryWithoutHosts() -> Finding { refusal("a ServiceEntry must have a host") }

  package static func everyHostAsEntry() -> Finding {
    refusal("a ServiceEntry cannot stand for the host \"*\"")
  }

  package static func partialWildcardOfEntry(_ name: String) -> Finding {
    warning("\"\(name)\" has a wildcard that is not a whole label")
  }

  package static func duplicatePort(_ number: Int) -> Finding {
    refusal("port \(number) is in the list twice")
  }

  package static func unknownEntryProtocol(_ text: String) -> Finding {
    unknownChoice(
      text,
      choices: [
        "HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB", "TCP", "TLS", "UDP", "MONGO", "REDIS",
        "MYSQL",
      ])
  }

  package static func opaquePortWithoutAddress() -> Finding {
    warning(
      "a TCP port needs addresses, where none are allocated to the hosts",
      effect: "Sidecars tell its traffic from others' by port alone")
  }

  package static func blockOfResolution(_ resolution: String) -> Finding {
    refusal("CIDR blocks are for resolution NONE and STATIC, not for \(resolution)")
  }

  package static func endpointsOfResolution(_ resolution: String) -> Finding {
    refusal("resolution \(resolution) finds its endpoints itself and cannot have any given")
  }

  package static func addressesOfResolution(_ resolution: String) -> Finding {
    refusal("resolution \(resolution) cannot have addresses")
  }

  package static func selectorOfNone() -> Finding {
    warning("resolution NONE looks at no workloads", effect: "The selector has no effect")
  }

  package static func severalHostsOfTCP() -> Finding {
    refusal("several hosts need ports of HTTP or TLS, by which requests are told apart")
  }

  package static func severalHostsBehindAddress() -> Finding {
    warning("several hosts share addresses and a TCP port", effect: "The first host gets all")
  }

  package static func hostNotToResolve(_ host: String, resolution: String) -> Finding {
    refusal("resolution \(resolution) without endpoints asks DNS for \"\(host)\", no full name")
  }

  package static func severalEndpointsOfRoundRobin() -> Finding {
    refusal("resolution DNS_ROUND_ROBIN has one endpoint at most")
  }

  package static func plainHostOfDynamicDNS(_ host: String) -> Finding {
    refusal("resolution DYNAMIC_DNS is for wildcard hosts, found \"\(host)\"")
  }

  package static func protocolOfDynamicDNS() -> Finding {
    refusal("resolution DYNAMIC_DNS is for ports of HTTP, HTTP2, GRPC and TLS")
  }

  package static func internalDynamicDNSWithWaypoint() -> Finding {
    refusal("MESH_INTERNAL with resolution DYNAMIC_DNS cannot use a waypoint")
  }

  package static func badEndpointAddress(_ address: String) -> Finding {
    refusal("\"\(address)\" is neither an IP address nor a host name")
  }

  package static func endpointNotAnAddress(_ address: String) -> Finding {
    refusal("resolution STATIC needs IP addresses, found \"\(address)\"")
  }

  package static func networkWithoutAddress() -> Finding {
    warning("there is no address", effect: "It is reached by the gateways of its network alone")
  }

  package static func portsOfSocket() -> Finding { refusal("a socket has no ports") }

  package static func socketOfSeveralPorts() -> Finding {
    refusal("a socket can be the endpoint of one port only")
  }

  package static func unknownEndpointPort(_ name: String, known: [String]) -> Finding {
    refusal(
      "the ServiceEntry has no port named \"\(name)\"",
      evidence: "Its ports are \(known.joined(separator: ", "))")
  }
}
