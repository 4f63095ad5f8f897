internal import Diagnostics
internal import Documents

extension ExportTarget {
  init(_ text: String) {
    switch text {
    case "*": self = .everyone
    case ".": self = .ownNamespace
    case "~": self = .nobody
    default: self = .namespace(text)
    }
  }
}

extension Fields {
  /// `exportTo` of an object; `~` is only for ServiceEntries.
  mutating func exportTo(allowingNobody: Bool = false) -> [ExportTarget] {
    let targets = strings("exportTo") { text in
      guard text != "*", text != ".", !(text == "~" && allowingNobody) else { return nil }
      return HostRule.isLabel(text) ? nil : .badExportTo(text)
    }
    reportRepeats(in: targets)
    if targets.count > 1 {
      if targets.contains("*") { report(.exportToEveryoneAndOthers(), at: "exportTo") }
      if targets.contains("~") { report(.exportToNobodyAndOthers(), at: "exportTo") }
    }
    return targets.map(ExportTarget.init)
  }

  private func reportRepeats(in targets: [String]) {
    var seen: Set<String> = []
    for (index, target) in targets.enumerated() {
      let key = target == "." ? reading.namespace : target
      if !seen.insert(key).inserted {
        report(.duplicateExportTo(target), at: "exportTo", .index(index))
      }
    }
  }

  /// `workloadSelector.labels` or `workloadSelector.matchLabels`: nil where there is no selector.
  mutating func selector(_ key: String, labels name: String) -> [String: String]? {
    one(key) { $0.labels(name, check: TextRule.selector) }
  }
}
