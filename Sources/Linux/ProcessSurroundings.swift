private import Glibc

/// Where a program's complaints and log lines go.
package enum StandardError {
  /// Writes all of it, in one piece if the kernel takes it so.
  package static func write(_ text: String) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(STDERR_FILENO, $0.baseAddress! + written, $0.count - written)
      }
      if count < 0, errno == EINTR { continue }
      // Nobody is there to hear that nobody hears.
      guard count > 0 else { return }
      written += count
    }
  }
}

/// Whether what is printed is read from a screen, and not by a file or another program.
package func isStandardOutputATerminal() -> Bool { isatty(STDOUT_FILENO) == 1 }

/// The variable's value; nil where it is unset or empty, which users do not tell apart.
package func environmentVariable(_ name: String) -> String? {
  guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
  return unsafe String(cString: value)
}

/// Lets `duration` pass on this thread.
package func pause(_ duration: Duration) {
  let (seconds, attoseconds) = duration.components
  var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  // Cut short by a signal, the wait is over.
  unsafe nanosleep(&time, nil)
}
