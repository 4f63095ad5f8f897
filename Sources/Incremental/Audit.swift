/// Looks whether a graph's values are what their functions answer, one value at a time: each is computed
/// again from the values it was computed from, and compared, and so is what it reads. A value that
/// differs, or depends on something else than was recorded, is set right; what follows from it is
/// computed again when the graph settles.
///
/// There is a difference only where a function reads something undeclared, or this module has a bug: the
/// one thing that the rest of the program takes for granted.
///
/// While the graph changes between two steps the same value may be looked at twice, or not at all.
public final class Audit {
  /// A value that was not what it should be.
  public struct Difference: Sendable {
    /// The function.
    public let name: String
    /// `function(key)`.
    public let label: String
    /// The value itself was wrong; else only what it depends on.
    public let isWrong: Bool
    /// What it reads now and was not known to depend on, and the other way round.
    public let undeclared: [String]
    public let needless: [String]
    public let dependencyCount: Int
    /// What is observed of the values that follow from it, and those between.
    public let path: [String]
  }

  /// What a step came to.
  public enum Step {
    case right
    case different(Difference)
    /// All values have been looked at; the next step begins anew.
    case end
  }

  private let graph: Graph
  private var table = 0
  private var place = 0

  public init(_ graph: Graph) { self.graph = graph }

  /// Looks at the next value. To be called between changes, when the graph is settled.
  public func step() -> Step {
    while table < graph.auditedTables.count {
      if let step = nextInTable() { return step }
      (table, place) = (table + 1, 0)
    }
    table = 0
    return .end
  }

  private func nextInTable() -> Step? {
    let values = graph.auditedTables[table]
    while place < values.placeCount {
      place += 1
      if let step = values.audit(at: place - 1) { return step }
    }
    return nil
  }

  /// Names of a few: a list of ten thousand explains nothing.
  static let named = 5
  static func label(_ name: String, _ key: some Hashable) -> String { "\(name)(\(key))" }
}

/// A table whose values are computed, whatever their types.
protocol AuditedTable: AnyObject {
  var placeCount: Int { get }
  /// Nil where there is nothing to look at.
  func audit(at place: Int) -> Audit.Step?
}

extension Derived: AuditedTable {
  var placeCount: Int { cells.places.count }
  func audit(at place: Int) -> Audit.Step? { cells.cell(at: place, in: graph)?.audited(audit) }

  private func audit(_ cell: DerivedCell<Key, Value>) -> Audit.Difference? {
    let (value, reads) = graph.computeAside(name) { compute(cell.key) }
    let isWrong = value != cell.value
    guard let difference = cell.difference(name, isWrong: isWrong, reads, in: graph) else {
      return nil
    }
    cell.depend(on: reads[...], in: graph)
    cell.verifiedAt = graph.revision
    if isWrong {
      cell.take(value, at: graph.revision)
      graph.healed(cell)
    }
    return difference
  }
}

extension Gathered: AuditedTable {
  var placeCount: Int { cells.places.count }
  func audit(at place: Int) -> Audit.Step? { cells.cell(at: place, in: graph)?.audited(audit) }

  private func audit(_ cell: GatheredCell<Key, ElementKey, Element>) -> Audit.Difference? {
    let (values, reads) = graph.computeAside(name) { keyLists(cell.key).map { elements($0) } }
    let isWrong = values != cell.values
    guard let difference = cell.difference(name, isWrong: isWrong, reads, in: graph) else {
      return nil
    }
    gather(cell)
    if isWrong { graph.healed(cell) }
    return difference
  }
}

/// A cell that is audited as what it is.
protocol AuditedCell: ComputedCell {}
extension DerivedCell: AuditedCell {}
extension GatheredCell: AuditedCell {}

extension AuditedCell {
  /// What is marked is not held to be right.
  fileprivate func audited(_ audit: (Self) -> Audit.Difference?) -> Audit.Step? {
    guard !isMarked else { return nil }
    return audit(self).map(Audit.Step.different) ?? .right
  }
}

extension ComputedCell {
  /// What there is to say of a value that was computed again; nil where all is as it should be.
  fileprivate func difference(
    _ name: String, isWrong: Bool, _ reads: [UInt32], in graph: Graph
  ) -> Audit.Difference? {
    var recorded: Set<UInt32> = []
    visitDependencies(in: graph) { recorded.insert($0) }
    var found: Set<UInt32> = []
    var undeclared: [String] = []
    for number in reads {
      guard found.insert(number).inserted, !recorded.contains(number) else { continue }
      if undeclared.count < Audit.named { undeclared.append(graph.cell(number).label(in: graph)) }
    }
    guard isWrong || recorded != found else { return nil }
    var needless: [String] = []
    visitDependencies(in: graph) { number in
      guard !found.contains(number), needless.count < Audit.named else { return }
      needless.append(graph.cell(number).label(in: graph))
    }
    return Audit.Difference(
      name: name, label: label(in: graph), isWrong: isWrong, undeclared: undeclared,
      needless: needless,
      dependencyCount: recorded.count, path: pathToObserved(in: graph))
  }
}

extension Cell {
  /// The values between this one and the nearest that somebody outside the graph follows, which is last.
  func pathToObserved(in graph: Graph) -> [String] {
    var cameFrom: [UInt32: UInt32] = [:]
    var pending = [number]
    var next = 0
    while next < min(pending.count, 1000), !graph.cell(pending[next]).isFollowed {
      let cell = pending[next]
      graph.cell(cell).visitDependents(in: graph) { dependent in
        guard dependent != number, cameFrom[dependent] == nil else { return }
        cameFrom[dependent] = cell
        pending.append(dependent)
      }
      next += 1
    }
    guard next < pending.count, graph.cell(pending[next]).isFollowed else { return [] }
    var path: [String] = []
    var step: UInt32? = pending[next]
    while let cell = step, cell != number {
      path.append(graph.cell(cell).label(in: graph))
      step = cameFrom[cell]
    }
    return path.reversed()
  }

  private var isFollowed: Bool { (self as? ComputedCell)?.isObserved ?? false }
}

extension Derived {
  /// For tests of the audit: the value is wrong from now on, and nothing knows.
  func spoil(_ key: Key, with value: Value) {
    let cell = cell(for: key)
    cell.take(value, at: cell.changedAt)
  }
}
