/// Which members belong to a group: all VirtualServices of a gateway, all slices of a service. Kept
/// as inputs change, so that adding one of ten thousand touches the groups it is in and no others.
///
/// A group is read as a sorted list; whoever reads it depends on its membership, not on the members'
/// values.
public final class Index<Group: Digested, Member: Hashable & Comparable> {
  let graph: Graph
  private(set) var cells = CellTable<GroupCell<Group, Member>>()
  private var number: UInt16 = 0
  /// What is followed, for the audit.
  private(set) var sources: [IndexSource<Group, Member>] = []
  var auditing = IndexAudit()

  public init(_ graph: Graph) {
    self.graph = graph
    number = graph.add(
      TableFunctions(
        leave: { [self] in self.cells.remove($0.of(GroupCell<Group, Member>.self)) },
        label: { Index.label($0.of(GroupCell<Group, Member>.self)) }))
    graph.audits(self)
  }

  /// Makes the inputs' values members: `memberships` says of which groups, under which name. Several
  /// tables may feed one index. An index that is new may be filled by a computation that asks for it.
  public func follow<Key, Value>(
    _ inputs: Inputs<Key, Value>, memberships: @escaping (Key, Value) -> [(Group, Member)]
  ) {
    sources.append(IndexSource(inputs, memberships))
    inputs.follow { [self] key, previous, value in
      change(
        from: previous.map { memberships(key, $0) } ?? [],
        to: value.map { memberships(key, $0) } ?? [])
    }
  }

  /// The same where only a part of the values says of which groups they are: of a change of the rest
  /// nothing is asked.
  public func follow<Key, Value, Part: Equatable>(
    _ inputs: Inputs<Key, Value>, by part: @escaping (Value) -> Part,
    memberships: @escaping (Key, Part) -> [(Group, Member)]
  ) {
    sources.append(IndexSource(inputs) { memberships($0, part($1)) })
    inputs.follow { [self] key, previous, value in
      let (before, now) = (previous.map(part), value.map(part))
      guard before != now else { return }
      change(
        from: before.map { memberships(key, $0) } ?? [], to: now.map { memberships(key, $0) } ?? [])
    }
  }

  private func change(from old: [(Group, Member)], to new: [(Group, Member)]) {
    auditing.changes += 1
    for (group, member) in old where !new.contains(where: { $0 == group && $1 == member }) {
      remove(member, from: group)
    }
    for (group, member) in new where !old.contains(where: { $0 == group && $1 == member }) {
      insert(member, into: group)
    }
  }

  /// The members of a group in their order; empty for a group nobody is in.
  public subscript(group: Group) -> [Member] {
    let cell = cell(for: group)
    graph.record(cell)
    return cell.members
  }

  /// Whether nobody is in a group; whoever asks depends on its membership.
  public func isEmpty(_ group: Group) -> Bool {
    let cell = cell(for: group)
    graph.record(cell)
    return cell.isForgettable
  }

  /// Calls `body` with the members of a group in their order; for groups of one, which most are,
  /// without a list of it.
  public func visit(_ group: Group, _ body: (Member) -> Void) {
    let cell = cell(for: group)
    graph.record(cell)
    cell.visit(body)
  }

  /// The members as they are, for those who change inputs; records nothing.
  public func current(_ group: Group) -> [Member] {
    cells.find(group, in: graph)?.members ?? []
  }

  func insert(_ member: Member, into group: Group) {
    let cell = cell(for: group)
    // What nobody has read may be filled at any time.
    if cell.insert(member), cell.hasDependents { graph.changed(cell) }
  }

  func remove(_ member: Member, from group: Group) {
    guard let cell = cells.find(group, in: graph), cell.remove(member) else { return }
    graph.changed(cell)
    graph.forgetUnlessNeeded(cell)
  }

  private func cell(for group: Group) -> GroupCell<Group, Member> {
    let digest = cells.digest(of: group)
    if let cell = cells.find(group, digest, in: graph) { return cell }
    let cell = GroupCell<Group, Member>(group, of: number, in: graph)
    cells.insert(cell, digest)
    return cell
  }

  private static func label(_ cell: GroupCell<Group, Member>) -> String {
    Audit.label("index of \(Member.self)", cell.key)
  }
}

/// The members of one group. Most groups have one, which takes no memory of its own.
final class GroupCell<Group: Digested, Member: Hashable & Comparable>: Cell, KeyedCell {
  let key: Group
  private var held = Held.none

  private enum Held {
    case none
    case one(Member)
    case several(SortedMembers<Member>)
  }

  init(_ group: Group, of table: UInt16, in graph: Graph) {
    key = group
    super.init(of: table, in: graph)
  }

  var members: [Member] {
    switch held {
    case .none: []
    case .one(let only): [only]
    case .several(let members): members.settled
    }
  }

  func visit(_ body: (Member) -> Void) {
    switch held {
    case .none: break
    case .one(let only): body(only)
    case .several(let members): for member in members.settled { body(member) }
    }
  }

  func contains(_ member: Member) -> Bool {
    switch held {
    case .none: false
    case .one(let only): only == member
    case .several(let members): members.contains(member)
    }
  }

  /// Answers whether the group may be different now.
  func insert(_ member: Member) -> Bool {
    switch held {
    case .none: held = .one(member)
    case .one(let only):
      guard only != member else { return false }
      held = .several(SortedMembers(only < member ? [only, member] : [member, only]))
    case .several(let members): return members.insert(member)
    }
    return true
  }

  func remove(_ member: Member) -> Bool {
    guard contains(member) else { return false }
    guard case .several(let members) = held else {
      held = .none
      return true
    }
    members.remove(member)
    if members.settled.count == 1 { held = .one(members.settled[0]) }
    return true
  }

  override var isForgettable: Bool { if case .none = held { true } else { false } }
}

/// Two members or more, sorted. Where there are many and nobody reads them between changes they are
/// sorted once, when somebody does: filling an index with ten thousand would else move them all for
/// each.
private final class SortedMembers<Member: Hashable & Comparable> {
  private var sorted: [Member]
  /// Added since, in no order; some may be in `sorted` too.
  private var added: [Member] = []
  private static var longest: Int { 32 }

  init(_ sorted: [Member]) { self.sorted = sorted }

  var settled: [Member] {
    settle()
    return sorted
  }

  func contains(_ member: Member) -> Bool {
    settle()
    let position = position(of: member)
    return position < sorted.count && sorted[position] == member
  }

  /// Answers whether there may be one more now.
  func insert(_ member: Member) -> Bool {
    if sorted.count > Self.longest {
      added.append(member)
      return true
    }
    settle()
    let position = position(of: member)
    guard position == sorted.count || sorted[position] != member else { return false }
    sorted.insert(member, at: position)
    return true
  }

  /// Takes out what is there.
  func remove(_ member: Member) {
    settle()
    sorted.remove(at: position(of: member))
  }

  private func settle() {
    guard !added.isEmpty else { return }
    var merged: [Member] = []
    merged.reserveCapacity(sorted.count + added.count)
    var next = 0
    for member in added.sorted() {
      while next < sorted.count, sorted[next] < member {
        merged.append(sorted[next])
        next += 1
      }
      let isThere = next < sorted.count && sorted[next] == member
      if !isThere, merged.last != member { merged.append(member) }
    }
    sorted = merged + sorted[next...]
    added = []
  }

  /// Where the member stands or would stand.
  private func position(of member: Member) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < member { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
