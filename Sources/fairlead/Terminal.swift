import Diagnostics
private import Glibc

/// What a person sees: colours where they are shown, complaints beside the output.
enum Terminal {
  /// Colours go to a terminal, never into a file or a pipe, and not where NO_COLOR is set
  /// (no-color.org).
  static var style: Diagnostic.TextStyle {
    guard isatty(STDOUT_FILENO) == 1, variable("NO_COLOR") == nil, variable("TERM") != "dumb"
    else { return .plain }
    return .coloured
  }

  /// Writes to standard error.
  static func complain(_ text: String) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe write(STDERR_FILENO, $0.baseAddress! + written, $0.count - written)
      }
      // Nobody is there to hear that nobody hears.
      guard count > 0 else { return }
      written += count
    }
  }

  /// Nil where it is unset or empty, which no-color.org calls equal.
  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
    return unsafe String(cString: value)
  }
}
