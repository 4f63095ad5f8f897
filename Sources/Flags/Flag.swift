/// One flag of a command: its name, what its text becomes, and its line of help.
///
/// A value may stand in the flag's own word or in the one after it: `--name=value`, `--name value`.
package struct Flag<Options>: Sendable {
  /// With its dashes: `--config`, `-o`.
  package let name: String
  /// How help writes the value, as `PATH`; nil for a switch, which takes none.
  package let placeholder: String?
  package let summary: String
  /// Whether it may be given more than once.
  let isRepeatable: Bool
  let apply: @Sendable (inout Options, String) throws(Misuse) -> Void

  /// A flag that is given once and replaces what its option was.
  package init<Value: FlagValue>(
    _ name: String, _ placeholder: String, _ summary: String,
    sets option: WritableKeyPath<Options, Value> & Sendable
  ) {
    self.init(name: name, placeholder: placeholder, summary: summary, isRepeatable: false) {
      (options, text) throws(Misuse) in
      options[keyPath: option] = try Value.parsed(text, of: name)
    }
  }

  /// As above, for an option that has no value unless it is given.
  package init<Value: FlagValue>(
    _ name: String, _ placeholder: String, _ summary: String,
    sets option: WritableKeyPath<Options, Value?> & Sendable
  ) {
    self.init(name: name, placeholder: placeholder, summary: summary, isRepeatable: false) {
      (options, text) throws(Misuse) in
      options[keyPath: option] = try Value.parsed(text, of: name)
    }
  }

  /// A flag that may be given many times; each adds to its option, in the order given.
  package init<Value: FlagValue>(
    _ name: String, _ placeholder: String, _ summary: String,
    addsTo option: WritableKeyPath<Options, [Value]> & Sendable
  ) {
    self.init(name: name, placeholder: placeholder, summary: summary, isRepeatable: true) {
      (options, text) throws(Misuse) in
      options[keyPath: option].append(try Value.parsed(text, of: name))
    }
  }

  /// A switch.
  package init(
    _ name: String, _ summary: String, turnsOn option: WritableKeyPath<Options, Bool> & Sendable
  ) {
    self.init(name: name, placeholder: nil, summary: summary, isRepeatable: false) {
      (options, _) throws(Misuse) in
      options[keyPath: option] = true
    }
  }

  /// A flag whose name people know already and which does nothing yet: to give it is an error that
  /// says so, rather than one that calls it unknown. Help leaves it out.
  package static func unserved(_ name: String, _ placeholder: String, instead: String) -> Flag {
    Flag(name: name, placeholder: placeholder, summary: "", isRepeatable: false) {
      (_, _) throws(Misuse) in
      throw Misuse("\(name) is not served yet; \(instead)")
    }
  }

  private init(
    name: String, placeholder: String?, summary: String, isRepeatable: Bool,
    apply: @escaping @Sendable (inout Options, String) throws(Misuse) -> Void
  ) {
    self.name = name
    self.placeholder = placeholder
    self.summary = summary
    self.isRepeatable = isRepeatable
    self.apply = apply
  }
}

/// What stands in the way of running a command as it was typed: one sentence for its user.
package struct Misuse: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
