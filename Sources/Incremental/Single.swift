/// A derived value that there is one of: a setting of the whole mesh, or what is made of settings. It is
/// remembered whoever depends on it, and asked for without a look-up.
public final class Single<Value: Equatable> {
  private let values: Derived<Only, Value>
  private var cell: DerivedCell<Only, Value>?

  private struct Only: Digested, CustomStringConvertible {
    var digest: UInt64 { 0 }
    var description: String { "" }
  }

  /// `compute` may read only values of the same graph.
  public init(_ graph: Graph, _ name: String, _ compute: @escaping () -> Value) {
    values = Derived(graph, name) { _ in compute() }
  }

  public func callAsFunction() -> Value {
    if let cell { return values.read(cell) }
    let made = values.cell(for: Only())
    made.isKept = true
    cell = made
    return values.read(made)
  }
}
