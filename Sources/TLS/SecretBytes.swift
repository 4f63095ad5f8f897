private import COpenSSL

/// Bytes that must not be read by anyone they are not for: a private key, a token.
///
/// They print as `[redacted]` wherever a value is printed, and are wiped when the last holder lets go.
/// Not here, on purpose: a way to get them as an array or a string, which would outlive the wiping.
package final class SecretBytes: Hashable, Sendable {
  private let bytes: [UInt8]

  /// Takes the bytes over: the caller's array must not be kept, or the wiping would reach it.
  package init(_ bytes: consuming [UInt8]) {
    self.bytes = bytes
  }

  deinit {
    unsafe bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      unsafe OPENSSL_cleanse(UnsafeMutableRawPointer(mutating: start), buffer.count)
    }
  }

  package var count: Int { bytes.count }
  package var isEmpty: Bool { bytes.isEmpty }

  /// Lets `body` see the bytes; it must not keep a copy that it does not wipe.
  package func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let bytes = bytes
    return body(bytes.span)
  }

  package static func == (a: SecretBytes, b: SecretBytes) -> Bool {
    a === b || a.bytes == b.bytes
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "[redacted]" }
  package var debugDescription: String { "[redacted]" }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
