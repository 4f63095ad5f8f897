/// Inputs that an index follows, whatever their types.
struct IndexSource<Group: Digested, Member: Hashable & Comparable> {
  let placeCount: () -> Int
  /// Of the input at a place; nil where there is none.
  let memberships: (Int) -> [(Group, Member)]?

  init<Key, Value>(
    _ inputs: Inputs<Key, Value>, _ memberships: @escaping (Key, Value) -> [(Group, Member)]
  ) {
    placeCount = { inputs.cells.places.count }
    self.memberships = { place in
      guard let cell = inputs.cells.cell(at: place, in: inputs.graph), let value = cell.value else {
        return nil
      }
      return memberships(cell.key, value)
    }
  }
}

/// How far an index's audit has come: first every input is looked for in its groups, and counted there,
/// then every group is asked whether it has more members than were counted.
struct IndexAudit {
  /// Counts all changes of what the index follows.
  var changes = 0
  fileprivate var claims: [ObjectIdentifier: Int] = [:]
  /// What was not the same would move inputs to other places; nil once it was not.
  fileprivate var start: [Int]?
}

extension Index: AuditedTable {
  var placeCount: Int { sources.reduce(cells.places.count) { $0 + $1.placeCount() } }

  func audit(at place: Int) -> Audit.Step? {
    let layout = [auditing.changes, cells.count, placeCount]
    if place == 0 { auditing.start = layout }
    if auditing.start != layout { (auditing.start, auditing.claims) = (nil, [:]) }
    defer { if place == placeCount - 1 { auditing.claims = [:] } }
    var place = place
    for source in sources {
      if place < source.placeCount() { return source.memberships(place).map(audit) }
      place -= source.placeCount()
    }
    guard auditing.start != nil, let cell = cells.cell(at: place, in: graph) else { return nil }
    guard cell.members.count > auditing.claims[ObjectIdentifier(cell)] ?? 0 else { return .right }
    return audit(membersOf: cell)
  }

  /// Whether an input is in all its groups, and in no other is for the groups to say.
  private func audit(_ memberships: [(Group, Member)]) -> Audit.Step {
    var missing: (GroupCell<Group, Member>, Audit.Difference)?
    for (number, membership) in memberships.enumerated() {
      let (group, member) = membership
      // A membership that is stated twice counts once.
      let isRepeated = memberships[..<number].contains { $0.0 == group && $0.1 == member }
      guard !isRepeated else { continue }
      if let cell = cells.find(group, in: graph), cell.contains(member) {
        auditing.claims[ObjectIdentifier(cell), default: 0] += 1
        continue
      }
      insert(member, into: group)
      guard let cell = cells.find(group, in: graph) else { continue }
      missing = (cell, difference(cell, undeclared: ["\(member)"], needless: []))
    }
    return missing.map { .different($0.1) } ?? .right
  }

  /// Counts are made while inputs may come from several tables: a group with more members than were
  /// counted is compared in full.
  private func audit(membersOf cell: GroupCell<Group, Member>) -> Audit.Step {
    var expected: Set<Member> = []
    for source in sources {
      for place in 0..<source.placeCount() {
        for (group, member) in source.memberships(place) ?? [] where group == cell.key {
          expected.insert(member)
        }
      }
    }
    let extra = cell.members.filter { !expected.contains($0) }
    guard !extra.isEmpty else { return .right }
    let found = difference(
      cell, undeclared: [], needless: extra.prefix(Audit.named).map { "\($0)" })
    for member in extra { remove(member, from: cell.key) }
    return .different(found)
  }

  private func difference(
    _ cell: GroupCell<Group, Member>, undeclared: [String], needless: [String]
  ) -> Audit.Difference {
    Audit.Difference(
      name: "index of \(Member.self)", label: cell.label(in: graph), isWrong: true,
      undeclared: undeclared,
      needless: needless, dependencyCount: cell.members.count, path: cell.pathToObserved(in: graph))
  }
}
