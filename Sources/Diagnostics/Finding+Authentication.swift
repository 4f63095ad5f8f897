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

  package static func unusableKeySet() -> Finding {
    Finding(
      .warning, "none of the keys is one that Envoy can use",
      evidence: "It takes RSA of 512 bits and more, EC on P-256, P-384 and P-521, Ed25519, and oct",
      effect: "Every token of this issuer is refused")
  }

  package static func keysNowhere(_ issuer: String) -> Finding {
    Finding(
      .warning, "nothing says where the keys of \"\(issuer)\" are",
      evidence: "Give jwks or jwksUri; only an issuer that is a URL has an OpenID configuration",
      effect: "Every token of this issuer is refused")
  }

  package static func presenceNotEnforced() -> Finding {
    Finding(
      .warning, "istiod does not ask for a token here, and neither is it done by Fairlead",
      evidence: "An AuthorizationPolicy can: DENY with notRequestPrincipals: [\"*\"]",
      effect: "Requests without a token are let through")
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

  package static func peerSelectorOfMesh() -> Finding {
    Finding(
      .warning, "a selector in the mesh's root namespace selects no workloads, not even there",
      evidence: "Without a selector it is for the whole mesh; workloads are selected in their own "
        + "namespace", effect: "The policy has no effect")
  }

  package static func olderPeerAuthentication(_ name: String) -> Finding {
    Finding(
      .warning, "\(name) is older and has no selector either",
      effect: "The older one counts, and this one has no effect")
  }

  package static func badPortKey(_ text: String) -> Finding {
    refusal("\"\(text)\" is not the number of a port")
  }
}
