package import Diagnostics

/// A YAML or JSON value that knows where it stood. The one tree both texts are read into, and the one
/// that typed values (Resources), node metadata and EnvoyFilter values are decoded from.
///
/// What was read from plain YAML lies on a ``Tape``, and what is asked for is made of it then.
package struct Node: Sendable {
  package enum Content: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A number that is not whole, or too large for an `Int64`: `1e3` and `80.0` are integers.
    case number(Double)
    case string(String)
    case sequence([Node])
    /// In the order written; a key stands once (a duplicate is an error of parsing).
    case mapping([Entry])
  }

  package struct Entry: Hashable, Sendable {
    package let key: String
    package let keyPosition: Position
    package let value: Node

    package init(key: String, keyPosition: Position = .unknown, value: Node) {
      self.key = key
      self.keyPosition = keyPosition
      self.value = value
    }
  }

  /// Line and column, counted from 1; 0 where the value came from no text.
  package struct Position: Hashable, Comparable, Sendable {
    package let line: Int32
    package let column: Int32
    package init(line: Int32, column: Int32) {
      self.line = line
      self.column = column
    }
    package static let unknown = Position(line: 0, column: 0)
    package static func < (a: Position, b: Position) -> Bool {
      (a.line, a.column) < (b.line, b.column)
    }
    package func place(in file: String) -> Place {
      Place(file: file, line: Int(line), column: Int(column))
    }
  }

  enum Form: Sendable {
    case tree(Content)
    /// The item of the tape that it begins with.
    case taped(Tape, Int)
  }

  let form: Form
  package let position: Position

  package init(_ content: Content, at position: Position = .unknown) {
    form = .tree(content)
    self.position = position
  }

  init(_ tape: Tape, _ index: Int, at position: Position) {
    form = .taped(tape, index)
    self.position = position
  }

  /// What it is. Of a tape's collection the values are made one level down, so where only some of them
  /// count, ``mapping`` and ``items`` cost less.
  package var content: Content {
    switch form {
    case .tree(let content): content
    case .taped(let tape, let index): tape.content(index)
    }
  }

  package subscript(key: String) -> Node? { mapping?.find(key)?.value }

  /// What the content is called in messages.
  package var kindName: String {
    switch content {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// The same value without positions: what came from another text, or none, compares equal.
  package var withoutPositions: Node {
    switch content {
    case .null, .bool, .integer, .number, .string: Node(content)
    case .sequence(let items): Node(.sequence(items.map(\.withoutPositions)))
    case .mapping(let entries):
      Node(.mapping(entries.map { Entry(key: $0.key, value: $0.value.withoutPositions) }))
    }
  }

  /// The same value for who keeps it: where it was read from a text, nothing else of that stays in memory
  /// for it.
  package var detached: Node {
    guard case .taped(let tape, let index) = form else { return self }
    return switch tape.content(index) {
    case .null, .bool, .integer, .number, .string: Node(content, at: position)
    case .sequence(let items): Node(.sequence(items.map(\.detached)), at: position)
    case .mapping(let entries):
      Node(
        .mapping(
          entries.map { Entry(key: $0.key, keyPosition: $0.keyPosition, value: $0.value.detached) }
        ), at: position)
    }
  }
}

extension Node: Hashable {
  package static func == (a: Node, b: Node) -> Bool {
    a.position == b.position && a.content == b.content
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(content)
    hasher.combine(position)
  }
}
