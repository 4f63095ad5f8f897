internal import HTTPClient
internal import Linux

/// Who vouches for servers that keys are fetched from.
enum KeyServerTrust {
  /// The system's authorities, and the certificates of a file beside them.
  static func authorities(adding path: String?) throws(LinuxError) -> HTTPSecurity.Trust {
    guard let path else { return .system }
    let own = try certificates(of: path)
    for bundle in systemBundles {
      // Which of them there is depends on the distribution.
      guard let system = try? certificates(of: bundle) else { continue }
      return .certificates(system + [UInt8(ascii: "\n")] + own)
    }
    return .certificates(own)
  }

  private static func certificates(of path: String) throws(LinuxError) -> [UInt8] {
    guard case .bytes(let bytes) = try Files.contents(of: path, limit: Limits.authoritiesBytes),
      String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
    else { throw LinuxError("read \(path)", reason: "it holds no certificates in PEM") }
    return bytes
  }

  /// Where distributions keep them: Debian, Fedora, openSUSE, Alpine.
  private static let systemBundles = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
  ]
}
