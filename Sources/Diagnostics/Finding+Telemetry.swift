/// What a Telemetry can get wrong.
extension Finding {
  package static func severalTracings() -> Finding {
    warning(
      "more than one entry is not supported",
      effect: "Each takes the place of what the ones before it say of the same workloads")
  }

  package static func severalTracers() -> Finding {
    warning("spans go to one provider only", effect: "All but the first have no effect")
  }

  package static func emptyTagOverrideName() -> Finding {
    warning("a tag has no name", effect: "It is a tag that no metric has")
  }

  package static func emptyName() -> Finding {
    refusal("the name is empty")
  }

  package static func valueOfRemovedTag() -> Finding {
    refusal("a tag that is removed has no value")
  }

  package static func tagWithoutValue(_ sources: [String]) -> Finding {
    Finding(
      .warning, "the tag does not say what its value is",
      evidence: "It can be one of \(sources.joined(separator: ", "))",
      effect: "The tag is left out: Envoy would refuse it")
  }

  package static func foreignExpression(_ part: String) -> Finding {
    Finding(
      .warning, "Envoy does not take \(part) in the filter of a log",
      effect:
        "The filter is left out and everything is logged, else Envoy would refuse the listener")
  }

  package static func badExpression(_ mistake: String) -> Finding {
    refusal("not an expression of CEL: \(mistake)")
  }
}
