private import COpenSSL

/// What of bytes may be shown: equal for equal ones, and nobody comes back from it (SHA-256).
package enum OneWay {
  /// 32 bytes.
  package static func digest(of bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let written = unsafe SHA256(bytes, bytes.count, &digest)
    precondition(unsafe written != nil, "SHA-256 in memory does not fail")
    return digest
  }

  /// A digest as it is shown: its first half in 32 hexadecimal digits.
  package static func text(_ digest: [UInt8]) -> String {
    digest.prefix(16).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
