internal import Documents
internal import HTTPClient
internal import Linux
internal import TLS

extension CredentialPlugin {
  static let versions = [
    "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1",
  ]
  private static let outputBytes = 1 << 20
  private static let patience = Duration.seconds(30)

  /// What a plugin answered.
  struct Answer {
    let token: SecretBytes?
    let identity: HTTPSecurity.Identity?
    /// Seconds since 1970; nil if it never expires.
    let expires: Int64?
  }

  /// Runs the program and waits for its answer. Nothing it prints reaches an error: it may be secret.
  func run() throws(AccessError) -> Answer {
    let outcome: ChildProcess.Outcome
    do throws(LinuxError) {
      outcome = try ChildProcess.output(
        of: command, arguments,
        variables: variables + [(name: "KUBERNETES_EXEC_INFO", value: request)], directory: nil,
        limit: CredentialPlugin.outputBytes, patience: CredentialPlugin.patience)
    } catch {
      let hint = installHint.map { "; \($0.prefix(500))" } ?? ""
      throw AccessError(command, "", "cannot be run: \(error.reason)\(hint)")
    }
    switch outcome {
    case .printed(let bytes): return try answer(in: bytes)
    case .failed(let status, let complaint):
      let reason = complaint.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
      throw AccessError(command, "", "ended with status \(status)\(reason)")
    case .printedTooMuch:
      throw AccessError(
        command, "", "printed more than \(CredentialPlugin.outputBytes) bytes")
    case .tookTooLong:
      throw AccessError(command, "", "did not answer within \(CredentialPlugin.patience)")
    }
  }

  /// An ExecCredential that asks.
  private var request: String {
    let cluster = clusterJSON.map { ",\"cluster\":\($0)" } ?? ""
    return
      "{\"apiVersion\":\"\(apiVersion)\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false\(cluster)}}"
  }

  /// Reads the ExecCredential that answers.
  func answer(in bytes: [UInt8]) throws(AccessError) -> Answer {
    guard let root = JSONReader()?.tree(of: bytes, named: command).root else {
      throw AccessError(command, "", "printed what is not JSON")
    }
    guard root["apiVersion"]?.text == apiVersion else {
      throw AccessError(command, "apiVersion", "is not \(apiVersion), as was asked for")
    }
    guard let status = root["status"] else { throw AccessError(command, "status", "is not there") }
    let token = status["token"]?.text.flatMap { $0.isEmpty ? nil : SecretBytes(Array($0.utf8)) }
    let certificate = status["clientCertificateData"]?.text ?? ""
    let key = status["clientKeyData"]?.text ?? ""
    guard certificate.isEmpty == key.isEmpty else {
      throw AccessError(command, "status", "has one of clientCertificateData and clientKeyData")
    }
    guard token != nil || !key.isEmpty else {
      throw AccessError(command, "status", "has neither a token nor a certificate")
    }
    var expires: Int64?
    if let text = status["expirationTimestamp"]?.text {
      guard let seconds = UTCTime.seconds(of: text) else {
        throw AccessError(command, "status.expirationTimestamp", "is not a time of RFC 3339")
      }
      expires = seconds
    }
    let identity =
      key.isEmpty
      ? nil
      : HTTPSecurity.Identity(
        certificate: SecretBytes(Array(certificate.utf8)), key: SecretBytes(Array(key.utf8)))
    return Answer(token: token, identity: identity, expires: expires)
  }
}

/// Times as Kubernetes writes them: RFC 3339.
enum UTCTime {
  /// Seconds since 1970; nil for what is no time. Fractions are left out.
  static func seconds(of text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20 else { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      let digits = bytes[range]
      guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
      return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var rest = bytes[19...]
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst().drop { (48...57).contains($0) }
    }
    guard let shift = shift(Array(rest)) else { return nil }
    return days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - shift
  }

  private static func shift(_ zone: [UInt8]) -> Int64? {
    if zone == [UInt8(ascii: "Z")] { return 0 }
    guard zone.count == 6, zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"),
      let hours = Int64(String(decoding: zone[1..<3], as: UTF8.self)),
      let minutes = Int64(String(decoding: zone[4..<6], as: UTF8.self))
    else { return nil }
    return (zone[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  /// Days since 1970 in the Gregorian calendar (Howard Hinnant, days_from_civil).
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
