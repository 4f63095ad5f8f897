/// What a Gateway can get wrong.
extension Finding {
  package static func badGatewayName(_ name: String) -> Finding {
    refusal("a Gateway's name must be letters, digits and inner hyphens, found \"\(name)\"")
  }

  package static func gatewayWithoutServers() -> Finding {
    refusal("a Gateway must have a server")
  }

  package static func serverWithoutHosts() -> Finding { refusal("a server must have a host") }

  package static func duplicatePortName(_ name: String) -> Finding {
    refusal("another port is named \"\(name)\" too")
  }

  package static func targetPortOfServer() -> Finding {
    refusal("a server's port has no targetPort: the Service of the gateway has it")
  }

  package static func unknownServerProtocol(_ text: String) -> Finding {
    let names = [
      "HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB", "TCP", "TLS", "MONGO", "REDIS", "MYSQL",
    ]
    return unknownChoice(text, choices: names)
  }

  package static func badBind(_ text: String) -> Finding {
    refusal("\"\(text)\" is neither an IP address nor unix://…")
  }

  package static func portOfSocket(_ number: Int) -> Finding {
    refusal("a socket has no port: the number must be 0, found \(number)")
  }

  package static func serverWithoutTLS(_ portProtocol: String) -> Finding {
    refusal("a server of protocol \(portProtocol) must have tls settings")
  }

  package static func tlsOnPlainPort(_ portProtocol: String) -> Finding {
    refusal(
      "a server of protocol \(portProtocol) cannot have these tls settings",
      evidence: "HTTP servers take tls.httpsRedirect alone; TLS needs protocol HTTPS or TLS")
  }

  package static func redirectOnOtherThanHTTP(_ portProtocol: String) -> Finding {
    warning(
      "httpsRedirect is for HTTP servers, this one speaks \(portProtocol)",
      effect: "It has no effect")
  }

  package static func certificateOfIstioMutual(_ field: String) -> Finding {
    refusal("ISTIO_MUTUAL uses the mesh's own certificates and cannot have \(field)")
  }

  package static func certificateOfPassthrough(mode: String) -> Finding {
    warning("\(mode) uses no certificates", effect: "They have no effect")
  }

  package static func severalCertificateSources() -> Finding {
    exclusive([
      "credentialName", "credentialNames", "serverCertificate with privateKey",
      "tlsCertificates",
    ])
  }

  package static func withoutFile(_ field: String, mode: String) -> Finding {
    refusal("\(mode) needs a credentialName or \(field)")
  }

  package static func revocationsOfSimple() -> Finding {
    refusal("SIMPLE asks clients for no certificate and cannot have a caCrl")
  }

  package static func revocationsBesideCredential() -> Finding {
    refusal("the caCrl of a credentialName stands in the credential")
  }

  package static func manyCertificates() -> Finding {
    warning("a server can have two certificates, of different key types")
  }

  package static func oldVersionWithoutCiphers() -> Finding {
    warning("TLS below 1.2 needs cipherSuites, none of the default ones fit")
  }

  package static func unknownCipher(_ name: String) -> Finding {
    warning("\"\(name)\" is no cipher suite that Envoy knows", effect: "It is left out")
  }

  package static func repeatedCipher(_ name: String) -> Finding {
    warning("\"\(name)\" is in the list twice", effect: "It counts once")
  }
}
