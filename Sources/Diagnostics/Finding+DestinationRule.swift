/// What a DestinationRule can get wrong.
extension Finding {
  package static func duplicateSubset(_ name: String) -> Finding {
    refusal("another subset is named \"\(name)\" too")
  }

  package static func selectorBeyondNamespace() -> Finding {
    refusal("a rule with a workloadSelector is for its own namespace only")
  }

  package static func emptyTrafficPolicy() -> Finding {
    refusal("a traffic policy must set something")
  }

  package static func emptyConnectionPool() -> Finding {
    refusal("a connectionPool must have tcp or http")
  }

  package static func localFailuresWithoutSplit() -> Finding {
    refusal("consecutiveLocalOriginFailures needs splitExternalLocalOriginErrors: true")
  }

  package static func configMapElsewhere(_ name: String, namespace: String) -> Finding {
    refusal(
      "\"configmap://\(name)\" is not a ConfigMap of the rule's namespace",
      evidence: "Write configmap://\(namespace)/name")
  }

  package static func failoverWithoutOutlierDetection() -> Finding {
    warning(
      "failover needs outlierDetection, which finds out that endpoints fail",
      effect: "Nothing fails over")
  }

  package static func badTableSize(_ size: Int) -> Finding {
    refusal("a maglev table's size must be a prime less than 5000011, found \(size)")
  }

  package static func duplicateAttribute(_ name: String) -> Finding {
    refusal("another attribute of the cookie is named \"\(name)\" too")
  }

  package static func notPositive(_ number: Double) -> Finding {
    refusal("\(number) is not more than 0")
  }

  package static func badLocalityWeight(_ weight: Int) -> Finding {
    refusal("the weight \(weight) is not in 1 to 100")
  }

  package static func localityWeightsOffHundred(_ sum: Int) -> Finding {
    refusal("the weights add up to \(sum), not to 100")
  }

  package static func topologyOfZoneAware(_ label: String) -> Finding {
    refusal("zone-aware balancing orders by \(label) on its own")
  }

  package static func failoverToItself(_ region: String) -> Finding {
    refusal("the region \"\(region)\" cannot fail over to itself")
  }

  package static func failoverOfPartOfRegion(_ text: String) -> Finding {
    refusal("\"\(text)\" is not a region: failover has no zones and no wildcards")
  }

  package static func badLocality(_ text: String) -> Finding {
    refusal("\"\(text)\" is not region/zone/subzone, with one \"*\" at the end if any")
  }

  package static func overlappingLocality(_ text: String) -> Finding {
    refusal("\"\(text)\" overlaps a locality before it")
  }
}
