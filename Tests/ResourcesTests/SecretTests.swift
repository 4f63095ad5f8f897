import Diagnostics
import Documents
import Foundation
import Resources
import TestSupport
import Testing

@Suite struct SecretTests {
  private func decoded(_ data: [(String, [UInt8])]) -> Decoded {
    let entries = data.map { name, bytes in
      Node.Entry(key: name, value: Node(.string(Data(bytes).base64EncodedString())))
    }
    let root = Node(
      .mapping([
        .init(key: "apiVersion", value: Node(.string("v1"))),
        .init(key: "kind", value: Node(.string("Secret"))),
        .init(
          key: "metadata",
          value: Node(
            .mapping([
              .init(key: "name", value: Node(.string("cred"))),
              .init(key: "namespace", value: Node(.string("edge"))),
            ]))),
        .init(
          key: "data",
          value: Node(.mapping(entries), at: Node.Position(line: 5, column: 3))),
      ]))
    return decode(Document(file: "secret.yaml", root: root))
  }

  private func secret(_ data: [(String, [UInt8])]) throws -> Secret {
    guard case .accepted(.secret(let object)) = decoded(data).outcome else {
      throw Refusal()
    }
    return object.spec
  }
  private struct Refusal: Error {}

  @Test func aFittingPairIsTaken() throws {
    let pair = try CertificatePair(.curve)
    let secret = try secret([("tls.crt", pair.certificate), ("tls.key", pair.key)])
    #expect(secret.serverCertificate?.chain.count == pair.certificate.count)
    #expect(secret.validUntil != nil)
    #expect(secret.trustedCA == nil)
  }

  @Test func aKeyOfAnotherCertificateRefusesTheObjectAndNamesIt() throws {
    let (a, b) = (try CertificatePair(.curve), try CertificatePair(.curve))
    let decoded = decoded([("tls.crt", a.certificate), ("tls.key", b.key)])
    let name = ObjectName(kind: "Secret", namespace: "edge", name: "cred")
    #expect(decoded.outcome == .refused(name))
    let text = decoded.diagnostics.map { $0.text() }.joined()
    #expect(
      text.hasPrefix("secret.yaml:5:3: error: Secret edge/cred data: the private key does not fit"))
    #expect(!text.contains("BEGIN"))
  }

  @Test func theGenericPairComesFirst() throws {
    let (a, b) = (try CertificatePair(.curve), try CertificatePair(.rsa))
    let secret = try secret([
      ("cert", a.certificate), ("key", a.key), ("cacert", b.certificate), ("crl", []),
      ("tls.crt", b.certificate), ("tls.key", b.key), ("ca.crt", a.certificate),
      ("tls.ocsp-staple", [1]),
    ])
    #expect(secret.serverCertificate?.privateKey.count == a.key.count)
    #expect(secret.serverCertificate?.ocspStaple == nil)
    #expect(secret.trustedCA?.certificates.count == b.certificate.count)
    #expect(secret.trustedCA?.revocations?.isEmpty == true)
  }

  @Test func emptyEntriesAreNoCertificate() throws {
    let decoded = decoded([("tls.crt", []), ("tls.key", [])])
    #expect(decoded.diagnostics.map(\.severity) == [.warning])
    #expect(try secret([("tls.crt", []), ("tls.key", [])]).serverCertificate == nil)
  }

  @Test func whatIsNotPEMIsRefused() throws {
    let pair = try CertificatePair(.curve)
    for data in [
      [("cert", Array("x".utf8)), ("key", pair.key)],
      [("cert", pair.certificate), ("key", Array("x".utf8))],
    ] {
      guard case .refused = decoded(data).outcome else {
        Issue.record("taken")
        return
      }
    }
  }
}
