/// What a VirtualService can get wrong.
extension Finding {
  package static func virtualServiceWithoutRoutes() -> Finding {
    refusal("one of http, tls and tcp must have a route")
  }

  package static func fieldOfDelegate(_ field: String) -> Finding {
    refusal("a VirtualService without hosts is a delegate and cannot have \(field)")
  }

  package static func delegateOfDelegate() -> Finding {
    refusal("a delegate cannot delegate again")
  }

  package static func everyHostInMesh() -> Finding {
    refusal("the host \"*\" is for gateways only, and this VirtualService is in the mesh")
  }

  package static func overlappingHosts(_ a: String, _ b: String) -> Finding {
    refusal("the hosts overlap: \(a) and \(b)")
  }

  package static func claimInMesh(_ key: String) -> Finding {
    refusal("\"\(key)\" is known at gateways only, and this VirtualService is in the mesh")
  }

  package static func legacyGatewayName(_ name: String) -> Finding {
    warning("\"\(name)\" is the old way to name a Gateway; namespace/name is the present one")
  }

  package static func badGatewayReference(_ name: String) -> Finding {
    refusal("\"\(name)\" is not the name of a Gateway", evidence: "Write namespace/name")
  }

  package static func badSubsetName(_ name: String) -> Finding {
    refusal("a subset's name must be letters, digits and inner hyphens, found \"\(name)\"")
  }

  package static func badNamespace(_ name: String) -> Finding {
    refusal("\"\(name)\" is not the name of a namespace")
  }

  package static func everyHostAsDestination() -> Finding {
    refusal("traffic cannot be sent to the host \"*\"")
  }

  package static func negative(_ number: Int) -> Finding {
    refusal("\(number) is less than 0")
  }

  package static func weightsWithoutSum() -> Finding {
    refusal("the weights of the destinations add up to 0")
  }

  package static func tlsRouteWithoutMatch() -> Finding { refusal("a tls route must have a match") }

  package static func tlsMatchWithoutServerNames() -> Finding {
    refusal("a tls match must have sniHosts")
  }

  package static func addressAsServerName(_ host: String) -> Finding {
    warning(
      "\"\(host)\" is an address, and clients send names only (RFC 6066 §3)",
      effect: "It will hardly ever match")
  }

  package static func serverNameOfNoHost(_ name: String, hosts: [String]) -> Finding {
    refusal(
      "\"\(name)\" is within none of the VirtualService's hosts",
      evidence: "They are \(hosts.joined(separator: ", "))")
  }

  package static func routeWithoutAction() -> Finding {
    refusal("a rule must have route, redirect or directResponse")
  }

  package static func prefixRewriteOfOtherMatch() -> Finding {
    refusal("prefixRewrite needs every uri match of the rule to be a prefix")
  }

  package static func deprecated(_ field: String, instead: String) -> Finding {
    warning("\(field) is deprecated; \(instead) is used now")
  }

  package static func deprecatedDelayPercent() -> Finding {
    Finding(
      .warning, code: .deprecated, "percent is deprecated; percentage is used now",
      effect: "It works as long as percentage is not set")
  }

  package static func authorityTwice(_ first: String, _ second: String) -> Finding {
    refusal("the authority is set twice, to \"\(first)\" and to \"\(second)\"")
  }

  package static func emptyPrefix() -> Finding { refusal("the prefix is empty") }

  package static func emptyRedirect() -> Finding {
    refusal("a redirect must change uri, authority, scheme or port")
  }

  package static func notARedirect(_ code: Int) -> Finding {
    refusal("\(code) is not a status of redirection (3xx)")
  }

  package static func badStatus(_ status: Int) -> Finding {
    refusal("HTTP status \(status) is not in 200 to 599")
  }

  package static func largeBody(bytes: Int) -> Finding {
    refusal("the body is \(bytes) bytes long; 1 MiB is allowed")
  }

  package static func ratherLargeBody(bytes: Int) -> Finding {
    warning("the body is \(bytes) bytes long, and every proxy keeps a copy")
  }

  package static func incompleteRegexRewrite() -> Finding {
    refusal("uriRegexRewrite must have both match and rewrite")
  }

  package static func emptyRewrite() -> Finding {
    refusal("a rewrite must change uri, uriRegexRewrite or authority")
  }

  package static func settingsOfNoRetries() -> Finding {
    refusal("0 attempts mean no retries, and leave nothing else to set")
  }

  package static func unknownRetryCondition(_ word: String, known: [String]) -> Finding {
    refusal(
      "\"\(word)\" is no condition for a retry",
      evidence: "Conditions are status codes and \(known.joined(separator: ", "))")
  }

  package static func emptyFault() -> Finding { refusal("a fault must have a delay or an abort") }

  package static func exponentialDelay() -> Finding {
    refusal("Istio has no exponential delays")
  }

  package static func http2Abort() -> Finding { refusal("Istio has no HTTP/2 aborts") }

  package static func abortWithoutError() -> Finding {
    warning("the abort has no httpStatus or grpcStatus", effect: "Nothing is aborted")
  }

  package static func emptyOrigin() -> Finding { refusal("an allowed origin must not be empty") }

  package static func fineMaxAge() -> Finding { refusal("maxAge must be whole seconds") }
}

extension Code {
  package static let deprecated = Code("IST0002")
}
