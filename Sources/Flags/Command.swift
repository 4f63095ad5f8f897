private import Diagnostics

/// A command of the executable: its flags and operands, its help, and the reading of what was typed.
package struct Command<Options>: Sendable {
  /// The words after the flags, as the paths of `check`.
  package struct Operands: Sendable {
    /// How help writes them.
    let placeholder: String
    let summary: String
    let option: WritableKeyPath<Options, [String]> & Sendable

    package init(
      _ placeholder: String, _ summary: String,
      addTo option: WritableKeyPath<Options, [String]> & Sendable
    ) {
      self.placeholder = placeholder
      self.summary = summary
      self.option = option
    }
  }

  /// What was typed comes to one of these.
  package enum Reading {
    case run(Options)
    case help
  }

  /// `serve`.
  package let name: String
  /// One sentence, as a list of commands shows it.
  package let summary: String
  /// What may be typed, and lines that show it being typed.
  let synopsis: String
  let examples: [String]
  let flags: [Flag<Options>]
  let operands: Operands?

  package init(
    _ name: String, _ summary: String, synopsis: String, examples: [String],
    flags: [Flag<Options>], operands: Operands? = nil
  ) {
    self.name = name
    self.summary = summary
    self.synopsis = synopsis
    self.examples = examples
    self.flags = flags
    self.operands = operands
  }

  /// Reads the words after the command's name into options, which come in with their defaults.
  package func reading(
    _ words: some Sequence<String>, into defaults: Options
  ) throws(Misuse) -> Reading {
    var options = defaults
    var given: Set<String> = []
    var flagsEnded = false
    var words = words.makeIterator()
    while let word = words.next() {
      if flagsEnded || !word.hasPrefix("-") || word == "-" {
        try append(word, to: &options)
      } else if word == "--" {
        flagsEnded = true
      } else if word == "--help" || word == "-h" {
        return .help
      } else {
        let equals = word.firstIndex(of: "=")
        let flag = try flag(named: String(word[..<(equals ?? word.endIndex)]))
        guard given.insert(flag.name).inserted || flag.isRepeatable else {
          throw Misuse("\(flag.name) is given twice")
        }
        let inline = equals.map { String(word[word.index(after: $0)...]) }
        try flag.apply(&options, value(of: flag, inline: inline, next: { words.next() }))
      }
    }
    return .run(options)
  }

  private func append(_ word: String, to options: inout Options) throws(Misuse) {
    guard let operands else {
      throw Misuse("\(name) takes flags only, and \"\(word)\" is none")
    }
    options[keyPath: operands.option].append(word)
  }

  private func flag(named name: String) throws(Misuse) -> Flag<Options> {
    if let flag = flags.first(where: { $0.name == name }) { return flag }
    let offer = nearest(to: name, among: flags.map(\.name) + ["--help"])
    throw Misuse(
      "\(self.name) has no flag \(name)" + (offer.map { "; did you mean \($0)?" } ?? ""))
  }

  /// The empty text for a switch.
  private func value(
    of flag: Flag<Options>, inline: String?, next: () -> String?
  ) throws(Misuse) -> String {
    guard let placeholder = flag.placeholder else {
      guard inline == nil else { throw Misuse("\(flag.name) takes no value") }
      return ""
    }
    guard let value = inline ?? next() else {
      throw Misuse("\(flag.name) needs a value: \(flag.name) \(placeholder)")
    }
    return value
  }
}
