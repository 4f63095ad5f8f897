/// What a RequestAuthentication or a PeerAuthentication can get wrong. Keys are never repeated.
extension Finding {
  package static func ruleWithoutIssuer() -> Finding {
    refusal("a rule must have an issuer, or a jwksUri that holds its keys")
  }

  package static func emptyText() -> Finding { refusal("it must not be empty") }

  package static func keySetScheme(_ text: String) -> Finding {
    refusal("\"\(text)\" is not a URI of http or https")
  }

  package static func badKeySetURI(_ text: String) -> Finding {
    refusal("\"\(text)\" is not a URI")
  }

  package static func badKeySet(_ problem: String) -> Finding {
    refusal("this is no JSON Web Key Set: \(problem)")
  }

  package static func privateKeyInKeySet(_ index: Int) -> Finding {
    warning(
      "key \(index) holds private key material",
      effect: "Tokens are verified with public keys; everyone who reads this can sign them")
  }

  package static func keysFetchedForNothing() -> Finding {
    Finding(
      .warning, "the keys are given in jwks",
      effect: "They are used, and nothing is fetched from here")
  }

  package static func portModesWithoutSelector() -> Finding {
    refusal("portLevelMtls needs a selector: modes of ports are for the workloads it selects")
  }

  package static func emptyPortModes() -> Finding {
    refusal("portLevelMtls must have a port, or not be there")
  }

  package static func badPortKey(_ text: String) -> Finding {
    refusal("\"\(text)\" is not the number of a port")
  }
}
