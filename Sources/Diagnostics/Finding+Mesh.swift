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

  package static func providerWithoutName() -> Finding {
    warning("an extension provider must have a name", effect: "Policies cannot name it")
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

  package static func unusableSelector(_ flaw: SelectorFlaw) -> Finding {
    warning(
      flaw.text,
      effect: "No namespace is told by the selector: discoverySelectors with such a one are as none"
    )
  }

  package static func notHostAndPort(_ text: String) -> Finding {
    refusal("\"\(text)\" is not an address such as \"host.example:15012\" or \"10.0.0.1:80\"")
  }

  package static func negativeDuration() -> Finding {
    refusal("a duration must not be negative")
  }

  package static func partOfSecond() -> Finding {
    refusal("a drain duration must be whole seconds")
  }

  package static func curvesOfMeshTLS() -> Finding {
    refusal("curves cannot be chosen for mutual TLS within the mesh")
  }
}

/// Why a label selector is none.
package enum SelectorFlaw {
  case key(String)
  case value(String)
  case unknownOperator(String, known: [String])
  case noValues
  case values

  fileprivate var text: String {
    switch self {
    case .key(let key): "\"\(key)\" is not the name of a label"
    case .value(let value): "\"\(value)\" is not the value of a label"
    case .unknownOperator(let name, let known):
      "\"\(name)\" is not an operator of selectors; they are \(known.joined(separator: ", "))"
    case .noValues: "the operator needs values"
    case .values: "the operator takes no values"
    }
  }
}
