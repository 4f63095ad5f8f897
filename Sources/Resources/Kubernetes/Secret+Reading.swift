internal import Diagnostics
internal import Documents
internal import TLS

extension Secret: FieldReadable {
  init(_ fields: inout Fields) {
    fields.reading.hidesValues = true
    let encoded: [Named<SecretBytes>] = fields.entries("data") { reading, _, node in
      // An entry without a value is empty, as Go reads it.
      if node.content == .null { return SecretBytes([]) }
      guard var bytes = reading.bytes(node) else { return nil }
      return SecretBytes(wiping: &bytes)
    }
    let plain: [Named<SecretBytes>] = fields.entries("stringData") { reading, _, node in
      reading.string(node).map { SecretBytes(Array($0.utf8)) }
    }
    self.init(
      type: fields.string("type"),
      data: Dictionary(
        (encoded + plain).map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }))
    checkCertificate(&fields)
  }

  private mutating func checkCertificate(_ fields: inout Fields) {
    guard let certificate = serverCertificate else {
      let pairs = [["cert", "key"], ["tls.crt", "tls.key"]]
      for pair in pairs where pair.allSatisfy({ data[$0] != nil }) {
        fields.report(.emptyCertificate(pair), at: "data")
      }
      return
    }
    switch KeyPair.check(certificate: certificate.chain, key: certificate.privateKey) {
    case .fits(let end): validUntil = Timestamp(secondsSince1970: end)
    case .doesNotFit: fields.report(.keyOfOtherCertificate(), at: "data")
    case .empty: break
    case .unreadableCertificate(let reason):
      fields.report(.unreadableCertificate(reason: reason), at: "data")
    case .unreadableKey(let reason):
      fields.report(.unreadableKey(reason: reason), at: "data")
    }
  }
}

extension ConfigMap: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      data: fields.labels("data"),
      binaryData: Dictionary(
        uniqueKeysWithValues: fields.entries("binaryData") { $0.bytes($2) }
          .map { ($0.name, $0.value) }))
  }
}
