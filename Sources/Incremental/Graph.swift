/// Remembers what was computed from what, so that a change costs what it affects.
///
/// Three kinds of values hang in it: ``Inputs`` (set from outside), ``Index`` (which inputs belong to
/// a group, kept as inputs change) and ``Derived`` (a memoised function of a key; ``Gathered`` for
/// long lists of such). Reading one inside the computation of another records the edge; there is no
/// other way to depend on something.
///
///     set an input ──▶ its dependents are marked, transitively, along edges only
///     read or settle ──▶ a marked value asks the values that marked it; it is computed again only
///                        if one of them came out different (early cutoff)
///
/// Not here, on purpose: any domain, threads (one thread owns a graph), time.
package final class Graph {
  /// Counts changes; a value's `changedAt` is the revision at which it last came out different.
  package private(set) var revision: UInt64 = 1
  /// How often each derived function has been computed, by its name.
  package private(set) var computed: [String: Int] = [:]

  private var frames: [Frame] = []
  private var markedOutputs: [Cell] = []
  private var orphans: [Cell] = []
  private var lastStamp: UInt64 = 0

  /// The dependencies read so far by one running computation.
  private struct Frame {
    let stamp: UInt64
    var dependencies: [Cell]
  }

  package init() {}

  /// How many values have been computed since the graph was made.
  package var totalComputed: Int { computed.values.reduce(0, +) }

  // MARK: Reading

  func record(_ cell: Cell) {
    guard let frame = frames.last, cell.readStamp != frame.stamp else { return }
    cell.readStamp = frame.stamp
    frames[frames.count - 1].dependencies.append(cell)
  }

  /// Runs a computation on behalf of `cell` and answers what it read, in order. A cell read in two
  /// stretches with another computation between may stand twice.
  func recording<Value>(_ name: String, _ compute: () -> Value) -> (Value, [Cell]) {
    precondition(frames.count < 200, "derived values call each other in a circle: \(name)")
    computed[name, default: 0] += 1
    frames.append(Frame(stamp: newStamp(), dependencies: []))
    let value = compute()
    return (value, frames.removeLast().dependencies)
  }

  func newStamp() -> UInt64 {
    lastStamp += 1
    return lastStamp
  }

  // MARK: Changing

  /// Notes that `cell` has a different value from now on and marks all that may follow from it.
  func changed(_ cell: Cell) {
    precondition(frames.isEmpty, "a computation may not change an input")
    revision += 1
    cell.changedAt = revision
    mark(dependentsOf: cell)
  }

  private func mark(dependentsOf changed: Cell) {
    var pending = [changed]
    while let cell = pending.popLast() {
      cell.dependents.visit { dependent in
        let first = dependent.suspects.isEmpty
        dependent.suspects.append(cell)
        guard first else { return }
        if dependent.isObserved { markedOutputs.append(dependent) }
        pending.append(dependent)
      }
    }
  }

  /// Brings every observed value up to date and drops what nobody depends on any more.
  package func settle() {
    while !markedOutputs.isEmpty {
      let outputs = markedOutputs
      markedOutputs = []
      for cell in outputs where cell.isObserved {
        cell.refresh()
        // Another value may have read this one, and so refreshed it, since it was marked.
        guard cell.changedAt > cell.notedAt else { continue }
        cell.notedAt = cell.changedAt
        cell.noteChange()
      }
    }
    sweep()
  }

  // MARK: Forgetting

  func orphaned(_ cell: Cell) { orphans.append(cell) }

  private func sweep() {
    while let cell = orphans.popLast() {
      guard cell.dependents.isEmpty, !cell.isObserved, !cell.isKept, cell.isForgettable else {
        continue
      }
      let dependencies = cell.dependencies
      cell.dependencies = []
      cell.suspects = []
      cell.forget()
      for dependency in dependencies { dependency.removeDependent(cell) }
    }
  }
}
