private import Glibc

/// Standard error, as bytes.
package enum StandardError {
  /// Writes all of `text`, and gives up without a word if nobody reads: there is no one to tell.
  package static func write(_ text: String) {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(STDERR_FILENO, $0.baseAddress! + start, bytes.count - start)
      }
      guard count > 0 else { return }
      start += count
    }
  }
}
