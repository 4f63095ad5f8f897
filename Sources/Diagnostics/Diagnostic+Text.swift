extension Diagnostic {
  /// Where text goes.
  package enum TextStyle: Sendable {
    case plain
    /// To a terminal that shows colours.
    case coloured
    /// Into a log, whose lines have a level of their own: without the severity.
    case logged
  }

  /// The message as a person reads it: a line that says where and what, then indented what was looked
  /// at and what traffic does. Ends without a newline.
  package func text(_ style: TextStyle = .plain) -> String {
    let more = [evidence, effect].compactMap { $0 }.map { "\n    \(Diagnostic.sentence($0))" }
    return ["\(place)", label(style), summary].compactMap { $0 }.joined(separator: ": ")
      + more.joined()
  }

  private func label(_ style: TextStyle) -> String? {
    let severityAndCode = [severity.word, code?.description].compactMap { $0 }
      .joined(separator: " ")
    return switch style {
    case .plain: severityAndCode
    case .coloured: "\u{1B}[\(severity.colour)m\(severityAndCode)\u{1B}[0m"
    case .logged: code?.description
    }
  }

  /// The message without where and about whom, as one paragraph: what lists of messages show in a
  /// field of their own.
  package var message: String {
    let subject = field.isEmpty ? problem : "\(field): \(problem)"
    guard evidence != nil || effect != nil else { return subject }
    return ([subject] + [evidence, effect].compactMap { $0 }).map(Diagnostic.sentence)
      .joined(separator: " ")
  }

  private static func sentence(_ text: String) -> String {
    text.hasSuffix(".") ? text : text + "."
  }
}

extension Diagnostic.Severity {
  fileprivate var word: String {
    switch self {
    case .error: "error"
    case .warning: "warning"
    case .info: "info"
    }
  }

  /// ANSI "select graphic rendition": bold red, bold yellow, bold blue.
  fileprivate var colour: String {
    switch self {
    case .error: "1;31"
    case .warning: "1;33"
    case .info: "1;34"
    }
  }
}

extension Diagnostic: Comparable {
  /// Where it stands first; then by what it says, so that a list of them is stable.
  package static func < (a: Diagnostic, b: Diagnostic) -> Bool {
    a.place != b.place
      ? a.place < b.place
      : (a.object?.path ?? "", a.field, a.problem, a.evidence ?? "", a.effect ?? "") < (
        b.object?.path ?? "", b.field, b.problem, b.evidence ?? "", b.effect ?? ""
      )
  }
}
