/// What a cell needs of its table, whatever their types.
///
/// Functions that the table makes where its types are known, and not overridden by generic cells: Swift
/// makes what overrides for no types in particular, and that looks them up at run time in all it does.
struct TableFunctions {
  /// Takes the cell out of the table.
  let leave: (Cell) -> Void
  /// Whose value it is, for people.
  let label: (Cell) -> String
  /// Computes the value again; told are the dependencies that came out different.
  var recompute: (ComputedCell, [Cell]) -> Void = { _, _ in }
  /// Tells whoever owns the table that an observed value has changed.
  var noteChange: (ComputedCell) -> Void = { _ in }
}

extension Cell {
  /// The cell as its table knows it.
  func of<Kind: Cell>(_ kind: Kind.Type) -> Kind {
    guard let cell = self as? Kind else {
      preconditionFailure("a cell names the table that made it")
    }
    return cell
  }
}
