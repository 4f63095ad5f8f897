private import COpenSSL

/// A certificate chain and the private key that should fit its first certificate, both in PEM.
package enum KeyPair {
  package enum Verdict: Hashable, Sendable {
    /// The key fits; the first certificate is valid until then, in seconds since 1970.
    case fits(validUntil: Int64)
    /// The key belongs to another certificate.
    case doesNotFit
    /// One of the two has no bytes.
    case empty
    /// OpenSSL's reason why the certificate cannot be read.
    case unreadableCertificate(reason: String)
    /// OpenSSL's reason why the key cannot be read.
    case unreadableKey(reason: String)
  }

  /// Whether a server can prove with `key` that `certificate` is its own. Whether clients trust the
  /// certificate is not asked, nor whether its time has passed: that needs a clock.
  package static func check(certificate: SecretBytes, key: SecretBytes) -> Verdict {
    guard !certificate.isEmpty, !key.isEmpty else { return .empty }
    ERR_clear_error()
    defer { ERR_clear_error() }
    guard let leaf = unsafe readCertificate(certificate) else {
      return .unreadableCertificate(reason: takeReason())
    }
    defer { unsafe X509_free(leaf) }
    guard let privateKey = unsafe readKey(key) else {
      return .unreadableKey(reason: takeReason())
    }
    defer { unsafe EVP_PKEY_free(privateKey) }
    guard unsafe X509_check_private_key(leaf, privateKey) == 1 else { return .doesNotFit }
    return unsafe .fits(validUntil: secondsSince1970(X509_get0_notAfter(leaf)))
  }

  /// The first certificate of a chain; the caller frees it.
  @unsafe private static func readCertificate(_ bytes: SecretBytes) -> OpaquePointer? {
    unsafe withSource(bytes) { unsafe PEM_read_bio_X509($0, nil, nil, nil) }
  }

  /// The caller frees it. A key with a pass phrase cannot be served and does not open.
  @unsafe private static func readKey(_ bytes: SecretBytes) -> OpaquePointer? {
    unsafe withSource(bytes) { source in
      var noPhrase: CChar = 0
      return unsafe withUnsafeMutablePointer(to: &noPhrase) {
        unsafe PEM_read_bio_PrivateKey(source, nil, nil, $0)
      }
    }
  }

  @unsafe private static func withSource(
    _ bytes: SecretBytes, _ read: (OpaquePointer) -> OpaquePointer?
  ) -> OpaquePointer? {
    unsafe bytes.withBytes { span in
      unsafe span.withUnsafeBytes { buffer in
        guard let source = unsafe BIO_new_mem_buf(buffer.baseAddress, CInt(clamping: buffer.count))
        else { return nil }
        defer { unsafe BIO_free(source) }
        return unsafe read(source)
      }
    }
  }

  @unsafe private static func secondsSince1970(
    _ time: UnsafePointer<ASN1_TIME>?
  ) -> Int64 {
    let epoch = unsafe ASN1_TIME_set(nil, 0)
    defer { unsafe ASN1_TIME_free(epoch) }
    var days: CInt = 0
    var seconds: CInt = 0
    guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return 0 }
    return Int64(days) * 86400 + Int64(seconds)
  }

  /// The first error of OpenSSL's queue; the queue is emptied by whoever opened it.
  private static func takeReason() -> String {
    let code = ERR_get_error()
    guard let text = unsafe ERR_reason_error_string(code) else { return "unknown reason" }
    return unsafe String(cString: text)
  }
}
