/// What a Sidecar or a WorkloadGroup can get wrong.
extension Finding {
  package static func emptySidecar() -> Finding {
    refusal(
      "a Sidecar must have egress, ingress, outboundTrafficPolicy or inboundConnectionPool")
  }

  package static func catchAllNotLast() -> Finding {
    refusal("a listener without port takes what no other has, and must be the last")
  }

  package static func duplicateSocket(_ path: String) -> Finding {
    refusal("\"\(path)\" is in the list twice")
  }

  package static func targetPortOfSidecar() -> Finding {
    refusal("a Sidecar's port has no targetPort: defaultEndpoint says where the application is")
  }

  package static func notAnAddress(_ text: String) -> Finding {
    refusal("\"\(text)\" is not an IP address")
  }

  package static func badDefaultEndpoint(_ text: String) -> Finding {
    refusal(
      "\"\(text)\" is not where an application can listen",
      evidence: "Write 127.0.0.1:port, 0.0.0.0:port, [::1]:port, [::]:port or unix:///path")
  }

  package static func requestLimitsOfConnections() -> Finding {
    warning(
      "the port's protocol is not HTTP", effect: "Only the limits in connectionPool.tcp apply")
  }

  package static func tlsFieldOfSidecar(_ field: String) -> Finding {
    refusal("\(field) is not for the ports of a Sidecar")
  }

  package static func tlsModeOfSidecar(_ mode: String) -> Finding {
    refusal("the mode \(mode) is not for the ports of a Sidecar")
  }

  package static func tlsOfPlainSidecarPort() -> Finding {
    refusal("tls needs a port of protocol HTTPS or TLS")
  }

  package static func egressWithoutHosts() -> Finding {
    refusal("an egress listener must have a host")
  }

  package static func hostWithoutNamespace(_ text: String) -> Finding {
    refusal("\"\(text)\" is not namespace/host", evidence: "\"./\(text)\" is the own namespace's")
  }

  package static func shortEgressHost(_ name: String) -> Finding {
    refusal("\"\(name)\" is a short name; a Sidecar's host needs a dot, or is \"*\"")
  }

  package static func badNamespaceOfEgress(_ text: String, namespace: String) -> Finding {
    refusal("\"\(namespace)\" in \"\(text)\" is not a namespace, \".\", \"*\" or \"~\"")
  }

  package static func repeatedEgressHost(_ host: String) -> Finding {
    warning("\"\(host)\" is in the list already", effect: "It counts once")
  }

  package static func everyHostAndOthers() -> Finding {
    warning("\"*/*\" takes all hosts", effect: "The others in the list have no effect")
  }

  package static func portlessWithoutSocket() -> Finding {
    refusal("a listener of port 0 must be bound to unix://…")
  }

  package static func capturedSocket() -> Finding {
    refusal("a socket's connections are not captured: captureMode must be DEFAULT or NONE")
  }

  package static func deprecatedEgressProxy() -> Finding {
    Finding(
      .warning, code: .deprecated, "egressProxy is deprecated", effect: "It still holds")
  }

  package static func egressProxyOfMode(_ mode: String) -> Finding {
    refusal("egressProxy needs the mode ALLOW_ANY, found \(mode)")
  }

  package static func probeWithoutMethod(known: [String]) -> Finding {
    refusal("a probe must have one of \(known.joined(separator: ", "))")
  }

  package static func badProbeHeader(_ name: String) -> Finding {
    refusal("\"\(name)\" is not the name of a header: letters, digits and hyphens")
  }
}
