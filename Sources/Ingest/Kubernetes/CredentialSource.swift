internal import HTTPClient
internal import Linux
internal import TLS

/// What proves who we are, kept fresh: files are read again as they rotate, a plugin is asked again
/// before its answer expires, and both when the server no longer accepts what we have.
final class CredentialSource {
  typealias Instant = ContinuousClock.Instant

  struct Proof {
    var token: SecretBytes?
    var identity: HTTPSecurity.Identity?
  }

  private let credentials: ClusterAccess.Credentials
  private var proof: Proof?
  private var goodUntil: Instant?
  private var doubtedAt: Instant?

  /// Files are believed for so long: the kubelet writes a new token when four fifths of its time are over.
  static let fileLife = Duration.seconds(60)
  /// Refreshed so long before an expiry, and not more often than that.
  static let margin = Duration.seconds(10)

  init(_ credentials: ClusterAccess.Credentials) { self.credentials = credentials }

  /// What to send now.
  func current(now: Instant) throws(AccessError) -> Proof {
    if let proof, goodUntil.map({ now < $0 }) ?? true { return proof }
    var fresh = Proof()
    var life: Duration?
    switch credentials.token {
    case .none: break
    case .given(let token): fresh.token = token
    case .file(let path):
      fresh.token = try CredentialSource.token(in: path)
      life = CredentialSource.fileLife
    }
    switch credentials.identity {
    case .none: break
    case .given(let identity): fresh.identity = identity
    case .files(let certificate, let key):
      fresh.identity = HTTPSecurity.Identity(
        certificate: SecretBytes(try FileText.bytes(of: certificate)),
        key: SecretBytes(try FileText.bytes(of: key)))
      life = CredentialSource.fileLife
    }
    if let plugin = credentials.plugin, fresh.token == nil, fresh.identity == nil {
      let answer = try plugin.run()
      fresh = Proof(token: answer.token, identity: answer.identity)
      life = answer.expires.map {
        max(.seconds($0 - WallClock.secondsSince1970) - CredentialSource.margin, .seconds(1))
      }
    }
    proof = fresh
    goodUntil = life.map { now + $0 }
    return fresh
  }

  /// The server did not accept them: they are read anew the next time, but not in a loop.
  func doubt(now: Instant) {
    if let doubtedAt, now - doubtedAt < CredentialSource.margin { return }
    doubtedAt = now
    proof = nil
  }

  private static func token(in path: String) throws(AccessError) -> SecretBytes {
    var bytes = try FileText.bytes(of: path)
    let space: [UInt8] = [0x20, 0x0A, 0x0D, 0x09]
    let trimmed = bytes.drop { space.contains($0) }.reversed().drop { space.contains($0) }
    guard !trimmed.isEmpty else { throw AccessError(path, "", "holds no token") }
    defer { _ = SecretBytes(wiping: &bytes) }
    return SecretBytes(trimmed.reversed())
  }
}
