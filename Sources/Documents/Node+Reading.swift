/// Looks at a value that make no more of it than is asked for.
extension Node {
  package var isNull: Bool {
    switch form {
    case .tree(.null): true
    case .tree: false
    case .taped(let tape, let index): tape.kind(index) == .null
    }
  }

  package var isMapping: Bool {
    switch form {
    case .tree(.mapping): true
    case .tree: false
    case .taped(let tape, let index): tape.kind(index) == .mapping
    }
  }

  /// The entries of a mapping; nil for all else.
  package var mapping: Mapping? {
    switch form {
    case .tree(.mapping(let entries)): Mapping(form: .tree(entries), position: position)
    case .taped(let tape, let index) where tape.kind(index) == .mapping:
      Mapping(form: .taped(tape, index), position: position)
    case .tree, .taped: nil
    }
  }

  package init(_ mapping: Mapping) {
    switch mapping.form {
    case .tree(let entries): self.init(.mapping(entries), at: mapping.position)
    case .taped(let tape, let index): self.init(tape, index, at: mapping.position)
    }
  }

  /// The values of a sequence; nil for all else.
  package var items: Items? {
    switch form {
    case .tree(.sequence(let items)):
      Items(form: .tree(items), count: items.count, upcoming: 0, end: items.count)
    case .taped(let tape, let index) where tape.kind(index) == .sequence:
      Items(
        form: .taped(tape), count: tape.count(index), upcoming: index + 1, end: tape.behind(index))
    case .tree, .taped: nil
    }
  }

  /// The text of a string, one with those that `texts` remembers; nil for all else.
  package func text(sharing texts: RecurringTexts?) -> String? {
    switch form {
    case .tree(.string(let text)): text
    case .taped(let tape, let index) where tape.kind(index) == .string:
      tape.text(index, sharing: texts)
    case .tree, .taped: nil
    }
  }

  /// Whether it is a string of this text; none is made to see that.
  package func isText(_ text: String) -> Bool {
    switch form {
    case .tree(.string(let own)): return own == text
    case .taped(let tape, let index) where tape.kind(index) == .string:
      var text = text
      return text.withUTF8 { other in
        tape.withBytes(index) { unsafe $0 == TextBytes(other) }
      }
    case .tree, .taped: return false
    }
  }

  /// What stands there, with some fields of a mapping left out, as a number that is the same in this
  /// process wherever the same stands in the same order; another number may stand for the same. For who
  /// has no use for the text but to see whether it changed. Nil for what is on no tape.
  package func fingerprint(leavingOut names: [FieldName] = []) -> UInt64? {
    guard case .taped(let tape, let index) = form else { return nil }
    return tape.fingerprint(index, leavingOut: names)
  }

  /// A mapping's entries, each found by its key.
  package struct Mapping: Sendable {
    fileprivate enum Form: Sendable {
      case tree([Entry])
      case taped(Tape, Int)
    }

    fileprivate let form: Form
    package let position: Position

    package static let empty = Mapping(form: .tree([]), position: .unknown)

    package var count: Int {
      switch form {
      case .tree(let entries): entries.count
      case .taped(let tape, let index): tape.count(index)
      }
    }

    /// All of them, in the order written.
    package var entries: [Entry] { entries(sharing: nil) }

    /// The same; of the keys those that `texts` remembers.
    package func entries(sharing texts: RecurringTexts?) -> [Entry] {
      switch form {
      case .tree(let entries): entries
      case .taped(let tape, let index):
        tape.members(index).map { tape.entry($0, sharing: texts) }
      }
    }

    /// The value of a key, and the how many-th entry it is, counted from 0.
    package func find(_ key: String) -> (number: Int, value: Node)? {
      switch form {
      case .tree(let entries):
        return entries.firstIndex { $0.key == key }.map { ($0, entries[$0].value) }
      case .taped(let tape, let index):
        var key = key
        let found = key.withUTF8 { unsafe tape.find(TextBytes($0), in: index) }
        return found.map { ($0.number, tape.node($0.key + 1)) }
      }
    }
  }

  /// A sequence's values, in order.
  package struct Items: Sequence, IteratorProtocol, Sendable {
    fileprivate enum Form: Sendable {
      case tree([Node])
      case taped(Tape)
    }

    fileprivate let form: Form
    package let count: Int
    /// Of a tape's the item, else the number of the value that comes next.
    fileprivate var upcoming: Int
    fileprivate let end: Int

    package var underestimatedCount: Int { count }

    package mutating func next() -> Node? {
      guard upcoming < end else { return nil }
      switch form {
      case .tree(let items):
        defer { upcoming += 1 }
        return items[upcoming]
      case .taped(let tape):
        defer { upcoming = tape.behind(upcoming) }
        return tape.node(upcoming)
      }
    }
  }
}
