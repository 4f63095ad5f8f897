internal import Resources
internal import Store

/// What labels the workloads of a part of the mesh have: those of one namespace with the same are one.
struct WorkloadGroups: Equatable {
  struct Group: Hashable {
    private let kind: Kind
    let namespace: String
    let labels: [String: String]

    init(_ name: Workloads.Name, _ labels: [String: String]) {
      kind = name.kind
      namespace = name.id.namespace
      self.labels = labels
    }
  }

  private struct Label: Hashable {
    let name: String
    let value: String
  }

  private let groups: [Group]
  /// Which groups have a label.
  private let byLabel: [Label: [Int]]

  init(_ workloads: some Sequence<(name: Workloads.Name, labels: [String: String])>) {
    var groups: [Group] = []
    var seen: Set<Group> = []
    var byLabel: [Label: [Int]] = [:]
    for (name, labels) in workloads {
      let group = Group(name, labels)
      guard seen.insert(group).inserted else { continue }
      for (name, value) in labels {
        byLabel[Label(name: name, value: value), default: []].append(groups.count)
      }
      groups.append(group)
    }
    self.groups = groups
    self.byLabel = byLabel
  }

  var isEmpty: Bool { groups.isEmpty }

  func matching(_ selection: Workloads.Selection) -> [Group] {
    // Those with the rarest of the labels are looked at; without labels, all.
    let candidates = selection.labels.map { byLabel[Label(name: $0.key, value: $0.value)] ?? [] }
      .min { $0.count < $1.count }
    return (candidates ?? Array(groups.indices)).lazy.map { groups[$0] }.filter {
      selection.takes($0.labels, in: $0.namespace)
    }
  }

  static func == (a: Self, b: Self) -> Bool { a.groups == b.groups }
}
