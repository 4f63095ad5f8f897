/// Objects that contradict each other, or weaken each other.
extension Finding {
  package static func hostOfSeveralInMesh(_ host: String, others: [String]) -> Finding {
    Finding(
      .error, code: .conflictingMeshHosts,
      "other VirtualServices of the mesh are for the host \(host) too",
      evidence: "They are \(clipped(others))",
      effect: "Sidecars that see several let one decide, and the others have no effect there")
  }

  package static func hostTwiceInMesh(_ host: String) -> Finding {
    Finding(
      .error, code: .conflictingMeshHosts,
      "the host \(host) is in the list twice, once as a short name",
      effect: "It counts once")
  }

  package static func conflictingProtocols(
    _ host: String, port: Int, others: [String]
  ) -> Finding {
    Finding(
      .warning, code: .conflictingEntryProtocols,
      "another ServiceEntry has port \(port) of \(host) with another protocol",
      evidence: clipped(others), effect: "Proxies use one of them, the oldest")
  }

  package static func ruleOfOlder(_ older: String, host: String, _ gateway: String) -> Finding {
    Finding(
      .warning,
      "VirtualService \(older), which is older, has a rule for the same requests of \(host) at "
        + "Gateway \(gateway)",
      effect: "Requests for that host follow the older rule")
  }

  package static func policyOfOlderRule(_ older: String, host: String) -> Finding {
    Finding(
      .warning,
      "DestinationRule \(older), which is older, has a trafficPolicy for \(host) in this namespace",
      effect: "This one has no effect; only subsets of both count")
  }

  package static func subsetOfOlderRule(_ subset: String, _ older: String) -> Finding {
    Finding(
      .warning, "DestinationRule \(older), which is older, defines subset \"\(subset)\" too",
      effect: "This one has no effect")
  }

  package static func opaquePortOfNoAddress(_ port: Int) -> Finding {
    Finding(
      .warning, code: .entryAddressesRequired,
      "port \(port) is told from others by its address, and the ServiceEntry has none",
      effect: "Sidecars take all TCP traffic to the port for it, whatever the address")
  }

  package static func sharedCertificate(others: [String]) -> Finding {
    Finding(
      .warning, code: .duplicateCertificate,
      "other Gateways of the same proxies use the certificate too",
      evidence: "They are \(clipped(others))",
      effect: "Clients that reuse an HTTP/2 connection for hosts of both may be answered 404 or 421"
    )
  }

  package static func unverifiedServer(_ mode: String, of host: String) -> Finding {
    Finding(
      .warning, code: .unverifiedDestination,
      "\(mode) without caCertificates does not verify who \(host) is",
      effect: "Traffic is encrypted, and goes to whoever answers")
  }

  package static func unverifiedServerPort(
    _ port: Int, _ mode: String, of host: String
  ) -> Finding {
    Finding(
      .warning, code: .unverifiedPort,
      "\(mode) without caCertificates does not verify who \(host) is at port \(port)",
      effect: "Traffic is encrypted, and goes to whoever answers")
  }
}

extension Code {
  package static let conflictingMeshHosts = Code("IST0109")
  package static let unverifiedDestination = Code("IST0128")
  package static let unverifiedPort = Code("IST0129")
  package static let entryAddressesRequired = Code("IST0134")
  package static let duplicateCertificate = Code("IST0138")
  package static let conflictingEntryProtocols = Code("IST0177")
}
