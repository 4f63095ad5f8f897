/// What the settings of the mesh can get wrong.
extension Finding {
  package static func badLogFormat(_ rest: String) -> Finding {
    Finding(
      .warning, "Envoy finds no operator at \"\(rest)\"",
      evidence: "One is written as in %REQ(:METHOD)%, and a percent sign as %%",
      effect: "It is as if this were not written: Envoy would refuse every listener that has it")
  }

  package static func longConnectTimeout() -> Finding {
    refusal("connectTimeout must be an hour at most")
  }

  package static func badTrustDomain(_ name: String) -> Finding {
    refusal("\"\(name)\" is not a trust domain: labels of letters, digits and inner hyphens")
  }

  package static func providerWithoutKind(known: [String]) -> Finding {
    warning(
      "an extension provider must say what it is",
      evidence: "One of \(known.joined(separator: ", "))", effect: "Policies cannot name it")
  }

  package static func proxyConfigForInjection() -> Finding {
    Finding(
      .info, "a ProxyConfig is for injection and Istio's agent",
      effect: "What proxies are sent does not depend on it")
  }
}
