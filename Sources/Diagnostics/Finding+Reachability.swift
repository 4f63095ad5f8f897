/// Rules and matches of a VirtualService that nothing gets to.
extension Finding {
  package static func ruleAfterOpenRule(_ open: Int) -> Finding {
    Finding(
      .warning, code: .unreachableRule,
      "rule \(open) before it has no match and takes everything",
      effect: "This rule is never used")
  }

  package static func ruleOfRepeatedMatches() -> Finding {
    Finding(
      .warning, code: .unreachableRule, "rules before it have all of its matches",
      effect: "This rule is never used")
  }

  package static func repeatedMatch(rule: Int) -> Finding {
    Finding(
      .info, code: .ineffectiveMatch, "rule \(rule) has the same match",
      effect: "The first of the two is used")
  }

  package static func coveredPrefix(_ prefix: String, rule: Int) -> Finding {
    Finding(
      .info, code: .ineffectiveMatch,
      "a match of rule \(rule) takes every path that starts with \"\(prefix)\"",
      effect: "This match is never used")
  }
}

extension Code {
  package static let unreachableRule = Code("IST0130")
  package static let ineffectiveMatch = Code("IST0131")
}
