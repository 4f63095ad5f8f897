internal import Resources
internal import Store

/// The workloads of a part of the mesh, those of one namespace with the same labels together.
struct WorkloadGroups: Equatable {
  struct Group: Equatable {
    let kind: Kind
    let namespace: String
    let labels: [String: String]
    fileprivate(set) var ids: [LocatedName]

    var names: [Workloads.Name] { ids.map { Workloads.Name(kind: kind, id: $0) } }
  }

  private struct Label: Hashable {
    let name: String
    let value: String
  }

  private let groups: [Group]
  /// Which groups have a label.
  private let byLabel: [Label: [Int]]

  private struct Key: Hashable {
    let kind: Kind
    let namespace: String
    let labels: [String: String]
  }

  init(_ workloads: [(name: Workloads.Name, labels: [String: String])]) {
    var groups: [Group] = []
    var places: [Key: Int] = [:]
    var byLabel: [Label: [Int]] = [:]
    for (name, labels) in workloads {
      let (kind, namespace) = (name.kind, name.id.namespace)
      let key = Key(kind: kind, namespace: namespace, labels: labels)
      let place = places[key, default: groups.count]
      guard place == groups.count else {
        groups[place].ids.append(name.id)
        continue
      }
      places[key] = place
      groups.append(Group(kind: kind, namespace: namespace, labels: labels, ids: [name.id]))
      for (name, value) in labels {
        byLabel[Label(name: name, value: value), default: []].append(place)
      }
    }
    // Lists that grew have room for more; there are many, and they grow no further.
    for place in groups.indices where groups[place].ids.count > 1 {
      groups[place].ids = groups[place].ids.map(\.self)
    }
    self.groups = groups
    self.byLabel = byLabel
  }

  var isEmpty: Bool { groups.isEmpty }

  func matching(_ selection: Workloads.Selection) -> [Group] {
    // Those with the rarest of the labels are looked at; without labels, all.
    let candidates = selection.labels.map { byLabel[Label(name: $0.key, value: $0.value)] ?? [] }
      .min { $0.count < $1.count }
    return (candidates ?? Array(groups.indices)).lazy.map { groups[$0] }.filter { group in
      selection.namespace ?? group.namespace == group.namespace
        && selection.labels.allSatisfy { group.labels[$0.key] == $0.value }
    }
  }

  static func == (a: Self, b: Self) -> Bool { a.groups == b.groups }
}
