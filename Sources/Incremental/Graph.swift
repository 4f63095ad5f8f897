/// Remembers what was computed from what, so that a change costs what it affects.
///
/// Three kinds of values hang in it: ``Inputs`` (set from outside), ``Index`` (which inputs belong to
/// a group, kept as inputs change) and ``Derived`` (a memoised function of a key; ``Gathered`` for long
/// lists of such, ``Single`` for one without a key). Reading one inside the computation of another records
/// the edge; there is no other way to depend on something.
///
///     set an input ──▶ its dependents are marked, transitively, along edges only
///     read or settle ──▶ a marked value asks the values that marked it; it is computed again only
///                        if one of them came out different (early cutoff)
///
/// The module's declarations are `public`, alone in the package: Swift makes generic code for the
/// types it is used with only where it is public, and nearly all that is computed goes through here.
///
/// Not here, on purpose: any domain, threads (one thread owns a graph), time.
public final class Graph {
  /// Counts changes; a value's `changedAt` is the revision at which it last came out different.
  private(set) var revision = Graph.firstRevision
  private static let firstRevision: UInt32 = 1

  private var tallies: [Tally] = []
  /// Those that have counted something since it was last taken.
  private var counted: [Tally] = []
  /// What the running computations have read so far, the innermost one's at the end; what stands behind
  /// ``readCount`` is left from earlier ones.
  private var reads: [UInt32] = []
  private var readCount = 0
  /// Tells the running computation from all others; 0 where none runs.
  private var currentStamp: UInt32 = 0
  private var depth = 0
  /// Computations that only look, whose reads become no edges.
  private var looks = 0
  private var lastStamp: UInt32 = 0
  /// Every cell by its number, and the numbers that are free.
  private(set) var cells = CellList()
  var edges = EdgePool()
  /// Which dependencies of which cells were marked.
  var numbers = NumberPool()
  private var markedOutputs: [ComputedCell] = []
  private var orphans: [Cell] = []
  /// All tables: cells know theirs by its number.
  private var tables: [TableFunctions] = []
  /// Those of computed values.
  private(set) var auditedTables: [any AuditedTable] = []

  /// How often the functions of one table were computed.
  final class Tally {
    let name: String
    fileprivate(set) var count = 0
    fileprivate var taken = 0
    init(name: String) { self.name = name }
  }

  public init() {}

  /// How often each derived function has been computed, by its name.
  public var computed: [String: Int] {
    tallies.reduce(into: [:]) { counts, tally in
      if tally.count > 0 { counts[tally.name, default: 0] += tally.count }
    }
  }

  /// How often which were computed since this was last asked, without those that were not.
  public func takeComputed() -> [(name: String, count: Int)] {
    defer { counted.removeAll(keepingCapacity: true) }
    return counted.map { tally in
      defer { tally.taken = tally.count }
      return (tally.name, tally.count - tally.taken)
    }
  }

  /// How many values have been computed since the graph was made.
  public var totalComputed: Int { tallies.reduce(0) { $0 + $1.count } }

  func tally(_ name: String) -> Tally {
    let tally = Tally(name: name)
    tallies.append(tally)
    return tally
  }

  // MARK: Reading

  func record(_ cell: Cell) {
    guard depth > 0, cells.stamp(cell.number, currentStamp) else { return }
    if readCount == reads.count { reads.append(0) }
    reads[readCount] = cell.number
    readCount += 1
  }

  /// A computation under way: where its own reads begin, and on whose behalf it runs.
  struct Computation {
    fileprivate let start: Int
    fileprivate let stamp: UInt32
    fileprivate let outerStamp: UInt32
  }

  /// From here to ``end(_:for:)`` all that is read is read by this computation.
  func begin(_ tally: Tally) -> Computation {
    if tally.count == tally.taken { counted.append(tally) }
    tally.count += 1
    return begin(named: tally.name)
  }

  private func begin(named name: String) -> Computation {
    precondition(depth < 200, "derived values call each other in a circle: \(name)")
    depth += 1
    let computation = Computation(
      start: readCount, stamp: nextStamp(), outerStamp: currentStamp)
    currentStamp = computation.stamp
    return computation
  }

  /// The value is computed; `cell` depends on what was read for it.
  func end(_ computation: Computation, for cell: ComputedCell) {
    finish(computation)
    cell.depend(on: reads[computation.start..<readCount], in: self)
    readCount = computation.start
  }

  private func finish(_ computation: Computation) {
    depth -= 1
    currentStamp = computation.outerStamp
    if lastStamp != computation.stamp { dropRepeats(from: computation.start) }
  }

  /// A cell that was read in two stretches, with another computation between, stands twice among them.
  private func dropRepeats(from start: Int) {
    let stamp = nextStamp()
    var kept = start
    for place in start..<readCount where cells.stamp(reads[place], stamp) {
      reads[kept] = reads[place]
      kept += 1
    }
    readCount = kept
  }

  /// At the last of all they begin anew. Computations under way may record again what they have read.
  private func nextStamp() -> UInt32 {
    if lastStamp == .max {
      cells.forgetStamps()
      lastStamp = 0
    }
    lastStamp += 1
    return lastStamp
  }

  // MARK: Cells

  var nextNumber: UInt32 { cells.nextNumber }
  func hold(_ cell: Cell) { cells.hold(cell) }
  func cell(_ number: UInt32) -> Cell { cells[number] }

  // MARK: Tables

  /// Answers the number by which cells of the table name it.
  func add(_ table: TableFunctions) -> UInt16 {
    precondition(
      tables.count < Cell.mostTables, "there are as many tables as functions are written")
    tables.append(table)
    return UInt16(tables.count - 1)
  }

  func leaveTable(_ cell: Cell) { tables[cell.table].leave(cell) }
  func label(_ cell: Cell) -> String { tables[cell.table].label(cell) }
  func recompute(_ cell: ComputedCell, _ changed: [Cell]) {
    tables[cell.table].recompute(cell, changed)
  }

  func audits(_ table: any AuditedTable) { auditedTables.append(table) }

  // MARK: Auditing

  /// Computes something only to look at it; answers what was read besides.
  func computeAside<Value>(_ name: String, _ compute: () -> Value) -> (
    value: Value, reads: [UInt32]
  ) {
    let computation = begin(named: name)
    looks += 1
    let value = compute()
    looks -= 1
    finish(computation)
    let read = Array(reads[computation.start..<readCount])
    readCount = computation.start
    return (value, read)
  }

  /// A computed value was wrong, and is right from now on: what follows from it is computed again.
  func healed(_ cell: ComputedCell) {
    changed(cell)
    cell.verifiedAt = revision
    if cell.isObserved { marked(cell) }
  }

  // MARK: Changing

  /// Notes that `cell` has a different value from now on and marks all that may follow from it.
  func changed(_ cell: Cell) {
    precondition(depth == 0, "a computation may not change an input")
    if revision == .max { beginAnew() }
    revision += 1
    cell.changedAt = revision
    if cell.hasDependents { mark(dependentsOf: cell) }
  }

  /// Revisions take four bytes a cell twice, which a storm uses up in days. What is not marked is as it
  /// should be, so all of it may have been found so at one revision.
  private func beginAnew() {
    revision = Graph.firstRevision
    let first = revision
    cells.visit { $0.beginAnew(at: first) }
  }

  /// For tests of that.
  func age(to revision: UInt32) { self.revision = revision }

  private func mark(dependentsOf changed: Cell) {
    var pending = [changed.number]
    while let number = pending.popLast() {
      cell(number).visitDependents(in: self) { dependent in
        if cell(dependent).mark(by: number, in: self) { pending.append(dependent) }
      }
    }
  }

  /// Somebody outside waits for the value, and it may be different.
  func marked(_ output: ComputedCell) { markedOutputs.append(output) }

  /// Brings every observed value up to date and drops what nobody depends on any more.
  public func settle() {
    while !markedOutputs.isEmpty {
      let outputs = markedOutputs
      markedOutputs = []
      for cell in outputs where cell.isObserved {
        cell.refresh(in: self)
        // Another value may have read this one, and so refreshed it, since it was marked.
        guard cell.hasNews else { continue }
        cell.hasNews = false
        tables[cell.table].noteChange(cell)
      }
    }
    sweep()
  }

  // MARK: Forgetting

  func orphaned(_ cell: Cell) { orphans.append(cell) }

  /// What is made for a computation has it as a dependent when that ends.
  func made(_ cell: Cell) {
    if depth == looks { orphaned(cell) }
  }

  /// Takes the cell out of its table and this graph, if nobody has or wants it; a second time is none.
  func forgetUnlessNeeded(_ cell: Cell) {
    guard !cell.hasDependents, cell.isForgettable, cells.holds(cell) else { return }
    cell.forget(in: self)
    cells.letGo(cell)
  }

  private func sweep() {
    while let cell = orphans.popLast() { forgetUnlessNeeded(cell) }
  }
}
