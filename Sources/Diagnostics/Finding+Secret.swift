/// What a Secret can get wrong. Its values are never repeated.
extension Finding {
  package static func keyOfOtherCertificate() -> Finding {
    useless("the private key does not fit the certificate")
  }

  package static func unreadableCertificate(reason: String) -> Finding {
    useless("the certificate is not PEM that can be read: \(reason)")
  }

  package static func unreadableKey(reason: String) -> Finding {
    useless("the private key is not PEM that can be read: \(reason)")
  }

  package static func emptyCertificate(_ names: [String]) -> Finding {
    Finding(
      .warning, "\(names.joined(separator: " and ")) are empty",
      effect: "Servers that name it have no certificate, and their connections are refused")
  }

  private static func useless(_ problem: String) -> Finding {
    Finding(
      .error, problem,
      effect: "It is not sent to proxies; the last good pair, if there was one, keeps serving, and "
        + "other hosts are not affected")
  }
}
