/// What is selected of texts, laid out to be followed where they come by the thousand: in a few pieces of
/// memory, and nothing of it is copied or counted on the way.
package struct FieldTable: Hashable, Sendable {
  package let selection: FieldSelection
  /// What is selected of a value; that of a whole text is the first.
  private var steps: [Step] = []
  private var fields: [Field] = []
  /// The texts of their names, one behind the other.
  private var names: [UInt8] = []
  private var others: [FieldSelection] = []

  struct Step {
    /// Its fields are these; of other selections how many-th it is.
    let first: Int
    /// Nil for a selection that is no list of fields.
    let count: Int?
    /// Of such a one, what is selected of a field's value.
    let below: Int
  }

  private struct Field {
    let beginning: UInt64
    let name: Range<Int>
    let below: Int
  }

  package init(_ selection: FieldSelection) {
    self.selection = selection
    _ = add(selection)
  }

  package static func == (a: Self, b: Self) -> Bool { a.selection == b.selection }
  package func hash(into hasher: inout Hasher) { hasher.combine(selection) }

  private mutating func add(_ selection: FieldSelection) -> Int {
    let number = steps.count
    switch selection {
    case .all:
      steps.append(Step(first: others.count, count: nil, below: number))
      others.append(selection)
    case .containing:
      steps.append(Step(first: others.count, count: nil, below: number + 1))
      others.append(selection)
      _ = add(.all)
    case .only(let selected):
      // API servers write the fields in this order.
      let sorted = selected.sorted {
        $0.name.text.utf8.lexicographicallyPrecedes($1.name.text.utf8)
      }
      let first = fields.count
      steps.append(Step(first: first, count: sorted.count, below: number))
      for field in sorted {
        let start = names.count
        names += field.name.text.utf8
        fields.append(
          Field(beginning: field.name.beginning, name: start..<names.count, below: number))
      }
      for (place, field) in sorted.enumerated() {
        let known = fields[first + place]
        fields[first + place] = Field(
          beginning: known.beginning, name: known.name, below: add(field.below))
      }
    }
    return number
  }

  func step(_ number: Int) -> Step { steps[number] }

  /// A selection that is no list of fields.
  func other(_ step: Step) -> FieldSelection { others[step.first] }

  /// Which of so many fields has the name, and what is selected of it; nil where it is left out. It is
  /// looked for from `upcoming` on, which is then the one behind it.
  func find(
    _ name: TextBytes, in step: Step, of count: Int, from upcoming: inout Int
  ) -> (place: Int, below: Int)? {
    var place = upcoming
    for _ in 0..<count {
      if place == count { place = 0 }
      let field = fields[step.first + place]
      if field.beginning == name.beginning, field.name.count == name.count,
        name.count <= 8 || isName(field.name, name)
      {
        upcoming = place + 1
        return (place, field.below)
      }
      place += 1
    }
    return nil
  }

  private func isName(_ range: Range<Int>, _ name: TextBytes) -> Bool {
    unsafe names.withUnsafeBufferPointer {
      unsafe TextBytes(UnsafeBufferPointer(rebasing: $0[range])) == name
    }
  }
}
