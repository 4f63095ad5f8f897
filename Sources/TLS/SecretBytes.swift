private import COpenSSL

/// Bytes that must not be read by anyone they are not for: a private key, a token.
///
/// They print as `[redacted]` wherever a value is printed, and are wiped when the last holder lets go.
/// Not here, on purpose: a way to get them as an array or a string, which would outlive the wiping.
package final class SecretBytes: Hashable, Sendable {
  private let bytes: [UInt8]

  package init(_ bytes: [UInt8]) {
    // Storage of its own: wiping must reach no one else's.
    self.bytes = unsafe Array(unsafeUninitializedCapacity: bytes.count) { buffer, count in
      count = unsafe buffer.initialize(fromContentsOf: bytes)
    }
  }

  /// Takes the bytes and wipes where they stood.
  package convenience init(wiping bytes: inout [UInt8]) {
    self.init(bytes)
    unsafe bytes.withUnsafeMutableBytes {
      unsafe OPENSSL_cleanse($0.baseAddress, $0.count)
    }
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
