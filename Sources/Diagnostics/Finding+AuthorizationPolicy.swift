/// What an AuthorizationPolicy can get wrong.
extension Finding {
  package static func policyWithoutRules(_ action: String) -> Finding {
    refusal(
      "a policy of action \(action) without rules does nothing",
      evidence: "An empty rule, {}, is for every request")
  }

  package static func providerOfOtherAction() -> Finding {
    refusal("only a policy of action CUSTOM has a provider")
  }

  package static func badDryRun(_ text: String) -> Finding {
    refusal("istio.io/dry-run is true or false, found \"\(text)\"")
  }

  package static func dryRunOfOtherAction() -> Finding {
    refusal("istio.io/dry-run is for the actions ALLOW and DENY")
  }

  package static func emptyPolicyPart(_ name: String) -> Finding {
    refusal("the \(name) must have a field")
  }

  package static func emptyPolicyValue() -> Finding { refusal("a value must not be empty") }

  package static func tooManyValues(most: Int) -> Finding {
    refusal("there are more than \(most) values")
  }

  package static func notOfCustomAction(_ name: String) -> Finding {
    refusal("a policy of action CUSTOM cannot look at \(name)")
  }

  package static func conditionWithoutValues(_ key: String) -> Finding {
    refusal("the condition \(key) must have values or notValues")
  }

  package static func badMapKey(_ key: String) -> Finding {
    refusal("\"\(key)\" is not of the form name[key]")
  }

  package static func attributeReplaced(_ key: String, by other: String) -> Finding {
    refusal("there is no condition \(key) any more", evidence: "It is \(other)")
  }

  package static func unknownAttribute(_ key: String, known: [String]) -> Finding {
    let meant = nearest(to: key, among: known).map { "; \"\($0)\" is meant?" } ?? ""
    return refusal(
      "there is no condition \"\(key)\"\(meant)",
      evidence: "Conditions are \(known.joined(separator: ", "))")
  }

  package static func badPolicyPort(_ text: String) -> Finding {
    refusal("\"\(text)\" is not the number of a port")
  }

  package static func misplacedWildcard(_ text: String) -> Finding {
    refusal("\"\(text)\" may have one * only, at its beginning or its end")
  }

  package static func badServiceAccount(_ text: String) -> Finding {
    refusal("\"\(text)\" is not the name of a service account", evidence: "Write namespace/name")
  }

  package static func badPathTemplate(_ text: String) -> Finding {
    refusal(
      "\"\(text)\" is not a path template: {*} and {**} are whole segments",
      evidence: "Other segments have neither braces nor characters that a path cannot have")
  }

  package static func pathTemplateGoesOn(_ text: String) -> Finding {
    refusal("\"\(text)\" is not a path template: {**} must be its last variable")
  }

  package static func unusablePathTemplate(_ text: String) -> Finding {
    warning(
      "\"\(text)\" is no template that Envoy takes",
      evidence:
        "It takes up to 256 characters that begin with one slash and have no empty segments",
      effect: notAsked)
  }

  package static func unanswerableCondition(_ key: String) -> Finding {
    warning("nothing has the name that \"\(key)\" asks for", effect: notAsked)
  }

  private static let notAsked =
    "A rule that allows is left out for it, and any other is judged without this field"

  package static func deniesAllConnections() -> Finding {
    warning(
      "the rule looks at HTTP attributes only, which connections that are no HTTP do not have",
      evidence: "Ports in its operations say which it is for",
      effect: "All connections to TCP ports of the workloads are denied")
  }

  package static func severalAuthorizers(_ others: [String]) -> Finding {
    Finding(
      .error, "proxies ask one provider, and policies of the same workloads name another",
      evidence: clipped(others), effect: "Requests that any of them is about are denied")
  }

  package static func unusableAuthorizer(_ name: String) -> Finding {
    Finding(
      .error, "the provider \"\(name)\" of MeshConfig cannot be asked",
      evidence:
        "Its name must be a lower-case label, its port, status, timeout, path and headers valid",
      effect: deniedUnasked)
  }

  package static func authorizerWithoutService(_ name: String, host: String) -> Finding {
    Finding(
      .error, "the provider \"\(name)\" of MeshConfig is the service \(host), which is not there",
      evidence: "It is written in full, and with its namespace where several have the name",
      effect: deniedUnasked)
  }

  private static let deniedUnasked = "Requests that the policy is about are denied"
}
