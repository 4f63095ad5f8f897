/// Which members belong to a group: all VirtualServices of a gateway, all slices of a service. Kept
/// as inputs change, so that adding one of ten thousand touches the groups it is in and no others.
///
/// A group is read as a sorted list; whoever reads it depends on its membership, not on the members'
/// values.
public final class Index<Group: Hashable, Member: Hashable & Comparable> {
  private let graph: Graph
  private(set) var cells = CellTable<GroupCell<Group, Member>>()
  /// What is followed, for the audit.
  private(set) var sources: [IndexSource<Group, Member>] = []
  var auditing = IndexAudit()

  public init(_ graph: Graph) {
    self.graph = graph
    graph.audits(self)
  }

  /// Makes the inputs' values members: `memberships` says of which groups, under which name. Several
  /// tables may feed one index.
  public func follow<Key, Value>(
    _ inputs: Inputs<Key, Value>, memberships: @escaping (Key, Value) -> [(Group, Member)]
  ) {
    sources.append(IndexSource(inputs, memberships))
    inputs.follow { [self] key, previous, value in
      auditing.changes += 1
      let old = previous.map { memberships(key, $0) } ?? []
      let new = value.map { memberships(key, $0) } ?? []
      for (group, member) in old where !new.contains(where: { $0 == group && $1 == member }) {
        remove(member, from: group)
      }
      for (group, member) in new where !old.contains(where: { $0 == group && $1 == member }) {
        insert(member, into: group)
      }
    }
  }

  /// The members of a group in their order; empty for a group nobody is in.
  public subscript(group: Group) -> [Member] {
    let cell = cell(for: group)
    graph.record(cell)
    return cell.members
  }

  /// The members as they are, for those who change inputs; records nothing.
  public func current(_ group: Group) -> [Member] { cells[group]?.members ?? [] }

  func insert(_ member: Member, into group: Group) {
    let cell = cell(for: group)
    if cell.insert(member) { graph.changed(cell) }
  }

  func remove(_ member: Member, from group: Group) {
    guard let cell = cells[group], cell.remove(member) else { return }
    graph.changed(cell)
    if cell.isForgettable, !cell.hasDependents { cells.remove(cell) }
  }

  private func cell(for group: Group) -> GroupCell<Group, Member> {
    let digest = cells.digest(of: group)
    if let cell = cells.find(group, digest) { return cell }
    let cell = GroupCell(group, of: self, at: graph.revision)
    cells.insert(cell, digest)
    return cell
  }

  fileprivate func forget(_ cell: GroupCell<Group, Member>) { cells.remove(cell) }
}

/// The members of one group. A long group that nobody reads between changes is sorted once, when
/// somebody does: filling an index with ten thousand members would else move them all for each.
final class GroupCell<Group: Hashable, Member: Hashable & Comparable>: Cell, KeyedCell {
  let key: Group
  private var sorted: [Member] = []
  /// Added since, in no order; some may be in `sorted` too.
  private var added: [Member] = []
  private let table: Index<Group, Member>
  private static var longest: Int { 32 }

  init(_ group: Group, of table: Index<Group, Member>, at revision: UInt64) {
    key = group
    self.table = table
    super.init(at: revision)
  }

  var members: [Member] {
    settle()
    return sorted
  }

  /// Answers whether the group may be different now.
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

  func remove(_ member: Member) -> Bool {
    settle()
    let position = position(of: member)
    guard position < sorted.count, sorted[position] == member else { return false }
    sorted.remove(at: position)
    return true
  }

  private func settle() {
    guard !added.isEmpty else { return }
    let fresh = Set(added).filter { member in
      let position = position(of: member)
      return position == sorted.count || sorted[position] != member
    }.sorted()
    added = []
    var merged: [Member] = []
    merged.reserveCapacity(sorted.count + fresh.count)
    var next = 0
    for member in fresh {
      while next < sorted.count, sorted[next] < member {
        merged.append(sorted[next])
        next += 1
      }
      merged.append(member)
    }
    sorted = merged + sorted[next...]
  }

  /// Where the member stands or would stand.
  func position(of member: Member) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < member { low = middle + 1 } else { high = middle }
    }
    return low
  }

  override var isForgettable: Bool { sorted.isEmpty && added.isEmpty }
  override func forget(in graph: Graph) { table.forget(self) }
  override var label: String { Audit.label("index of \(Member.self)", key) }
}
