internal import Diagnostics
internal import Documents

extension LabelSelector {
  private enum Operator: String, CaseIterable {
    case isIn = "In"
    case isNotIn = "NotIn"
    case exists = "Exists"
    case doesNotExist = "DoesNotExist"
  }

  /// Nil for what Kubernetes takes for none, which refuses nothing (istiod's `LabelSelectorAsSelector`).
  init?(_ fields: inout Fields) {
    var isSelector = true
    let labels = fields.labels("matchLabels")
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
      guard let flaw = Self.flaw(of: key, [value]) else { continue }
      fields.report(.unusableSelector(flaw), at: "matchLabels", .key(key))
      isSelector = false
    }
    let requirements = fields.many("matchExpressions") { Self.requirement(&$0) }
    guard isSelector, !requirements.contains(nil) else { return nil }
    self.init(matchLabels: labels, matchExpressions: requirements.compactMap(\.self))
  }

  private static func requirement(_ fields: inout Fields) -> Requirement? {
    let key = fields.text("key")
    let name = fields.text("operator")
    let values = fields.strings("values")
    let flaw: SelectorFlaw?
    let condition: Condition
    switch Operator(rawValue: name) {
    case .isIn: (condition, flaw) = (.isIn(values), values.isEmpty ? .noValues : nil)
    case .isNotIn: (condition, flaw) = (.isNotIn(values), values.isEmpty ? .noValues : nil)
    case .exists: (condition, flaw) = (.exists, values.isEmpty ? nil : .values)
    case .doesNotExist: (condition, flaw) = (.doesNotExist, values.isEmpty ? nil : .values)
    case nil:
      let known = Operator.allCases.map(\.rawValue)
      (condition, flaw) = (.exists, .unknownOperator(name, known: known))
    }
    guard let found = flaw ?? Self.flaw(of: key, values) else {
      return Requirement(key: key, condition: condition)
    }
    fields.report(.unusableSelector(found))
    return nil
  }

  private static func flaw(of key: String, _ values: [String]) -> SelectorFlaw? {
    if TextRule.label(key, "") != nil { return .key(key) }
    let bad = values.first { $0.utf8.count > 63 || TextRule.label(key, $0) != nil }
    return bad.map { .value($0) }
  }
}
