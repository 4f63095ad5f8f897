import Foundation
import TLS
import TestSupport
import Testing

/// The pairs are made by the `openssl` command.
@Suite struct KeyPairTests {
  private func verdict(_ certificate: [UInt8], _ key: [UInt8]) -> KeyPair.Verdict {
    KeyPair.check(certificate: SecretBytes(certificate), key: SecretBytes(key))
  }

  @Test(arguments: [CertificatePair.Kind.rsa, .curve])
  func aKeyFitsItsOwnCertificate(_ kind: CertificatePair.Kind) throws {
    let pair = try CertificatePair(kind)
    guard case .fits(let end) = verdict(pair.certificate, pair.key) else {
      Issue.record("does not fit")
      return
    }
    let days = (Double(end) - Date().timeIntervalSince1970) / 86400
    #expect((29...30.1).contains(days))
  }

  @Test func aKeyOfAnotherCertificateDoesNotFit() throws {
    let (a, b, c) = (
      try CertificatePair(.curve), try CertificatePair(.curve), try CertificatePair(.rsa)
    )
    #expect(verdict(a.certificate, b.key) == .doesNotFit)
    #expect(verdict(a.certificate, c.key) == .doesNotFit)
    // OpenSSL's queue of errors is left empty: the next check is not disturbed.
    guard case .fits = verdict(a.certificate, a.key) else {
      Issue.record("does not fit")
      return
    }
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let pair = try CertificatePair(.curve)
    #expect(verdict([], pair.key) == .empty)
    #expect(verdict(pair.certificate, []) == .empty)
    let text = Array("certificate".utf8)
    #expect(verdict(text, pair.key) == .unreadableCertificate(reason: "no start line"))
    #expect(verdict(pair.key, pair.key) == .unreadableCertificate(reason: "no start line"))
    guard case .unreadableKey = verdict(pair.certificate, text) else {
      Issue.record("the key was read")
      return
    }
    let cut = Array(pair.certificate.prefix(200))
    guard case .unreadableCertificate = verdict(cut, pair.key) else {
      Issue.record("the certificate was read")
      return
    }
  }

  @Test func wipingReachesNoOtherHolder() {
    let bytes = Array("hunter2".utf8)
    do { _ = SecretBytes(bytes) }
    #expect(bytes == Array("hunter2".utf8))
    var taken = bytes
    #expect(SecretBytes(wiping: &taken) == SecretBytes(bytes))
    #expect(taken == [UInt8](repeating: 0, count: 7))
    #expect(bytes == Array("hunter2".utf8))
  }

  @Test func secretsPrintAsRedacted() {
    let secret = SecretBytes(Array("hunter2".utf8))
    struct Holder {
      let name = "x"
      let secret: SecretBytes
    }
    var dumped = ""
    dump(Holder(secret: secret), to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), "\(Holder(secret: secret))", dumped] {
      #expect(text.contains("[redacted]"))
      #expect(!text.contains("hunter2") && !text.contains("104"))
    }
    #expect(secret == SecretBytes(Array("hunter2".utf8)))
    #expect(secret.withBytes { $0.count } == 7)
  }
}
