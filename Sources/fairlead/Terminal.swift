import Diagnostics
import Linux

/// What a person sees: colours where they are shown, complaints beside the output.
enum Terminal {
  /// Colours go to a terminal, never into a file or a pipe, and not where NO_COLOR is set
  /// (no-color.org).
  static var style: Diagnostic.TextStyle {
    let wanted = environmentVariable("NO_COLOR") == nil && environmentVariable("TERM") != "dumb"
    return wanted && isStandardOutputATerminal() ? .coloured : .plain
  }

  /// Writes to standard error.
  static func complain(_ text: String) { StandardError.write(text) }
}
