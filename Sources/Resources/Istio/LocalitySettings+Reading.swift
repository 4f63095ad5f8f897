internal import Diagnostics
internal import Documents

extension LocalityLoadBalancerSetting: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      distribute: fields.many("distribute"), failover: fields.many("failover"),
      failoverPriority: fields.strings("failoverPriority").map(FailoverLabel.init(parsing:)),
      enabled: fields.bool("enabled"))
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    if !distribute.isEmpty, !failover.isEmpty {
      fields.report(.exclusive(["distribute", "failover"]))
      return
    }
    if !failover.isEmpty, let label = failoverPriority.first(where: \.isTopology) {
      fields.report(.exclusive(["failover", "\(label.name) in failoverPriority"]))
    }
    let sources = distribute.map(\.from)
    if let finding = localityFinding(sources) { fields.report(finding, at: "distribute") }
    fields.checkRegions(failover)
  }
}

extension LocalityLoadBalancerSetting.Distribute: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      from: fields.text("from"),
      to: fields.entries("to") { reading, _, node in reading.int(node, .uint32) })
    if let bad = to.first(where: { !(1...100).contains($0.value) }) {
      fields.report(.badLocalityWeight(bad.value), at: "to", .key(bad.name))
    } else if to.reduce(0, { $0 + $1.value }) != 100 {
      fields.report(.localityWeightsOffHundred(to.reduce(0) { $0 + $1.value }), at: "to")
    } else if let finding = localityFinding(to.map(\.name)) {
      fields.report(finding, at: "to")
    }
  }
}

extension RegionFailover: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(from: fields.text("from"), to: fields.text("to"))
  }
}

extension ZoneAwareLoadBalancerSetting: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      enabled: fields.bool("enabled"), failover: fields.many("failover"),
      failoverPriority: fields.strings("failoverPriority").map(FailoverLabel.init(parsing:)),
      minClusterSize: fields.int("minClusterSize", .uint64))
    for (index, label) in failoverPriority.enumerated() where label.isTopology {
      fields.report(.topologyOfZoneAware(label.name), at: "failoverPriority", .index(index))
    }
    fields.checkRegions(failover)
  }
}

extension FailoverLabel {
  /// `label`, or `label=value`.
  init(parsing text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(name: String(parts[0]), value: parts.count == 2 ? String(parts[1]) : nil)
  }

  /// One that Istio orders by itself; with a value of its own it is a label like any other.
  fileprivate var isTopology: Bool {
    value == nil
      && [
        "topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone",
      ].contains(name)
  }
}

extension Fields {
  fileprivate func checkRegions(_ failover: [RegionFailover]) {
    for (index, pair) in failover.enumerated() {
      if pair.from == pair.to { report(.failoverToItself(pair.to), at: "failover", .index(index)) }
      for name in [pair.from, pair.to] where name.contains("/") || name.contains("*") {
        report(.failoverOfPartOfRegion(name), at: "failover", .index(index))
      }
    }
  }
}

/// What is wrong with a list of localities: no part may be empty, `*` stands at the end, and none may
/// lie within one before it.
private func localityFinding(_ localities: [String]) -> Finding? {
  var before: [[Substring]] = []
  for locality in localities {
    let stars = locality.count { $0 == "*" }
    if stars > 1 || (stars == 1 && !locality.hasSuffix("*")) { return .badLocality(locality) }
    let parts = locality.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    if parts.contains("") { return .badLocality(locality) }
    if before.contains(where: { overlap($0, parts) }) { return .overlappingLocality(locality) }
    before.append(parts)
  }
  return nil
}

/// Whether istiod's table of localities already has a place for `later`: a part left out covers all.
private func overlap(_ earlier: [Substring], _ later: [Substring]) -> Bool {
  if earlier == ["*"] { return true }
  if later.count < earlier.count {
    // A region after one of its zones is refused, a zone after one of its subzones too.
    return Array(earlier.prefix(later.count)) == later
  }
  let stem = earlier.last == "*" ? earlier.dropLast() : earlier[...]
  return Array(later.prefix(stem.count)) == Array(stem)
}
