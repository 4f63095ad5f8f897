internal import Diagnostics
internal import Documents

extension HTTPRouteDestination: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      destination: fields.destination(), weight: fields.weight(), headers: fields.one("headers"),
      position: fields.sourcePosition)
  }
}

extension Headers: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      request: fields.one("request") {
        HeaderOperations(&$0, name: HeaderRule.setOnRequest)
      } ?? HeaderOperations(),
      response: fields.one("response") {
        HeaderOperations(&$0, name: HeaderRule.changed)
      } ?? HeaderOperations())
  }
}

extension HeaderOperations {
  fileprivate init(_ fields: inout Fields, name: (String) -> Finding?) {
    let check = { (header: String, value: String) in name(header) ?? HeaderRule.value(value) }
    self.init(
      set: fields.sortedStrings("set", check: check),
      add: fields.sortedStrings("add", check: check),
      remove: fields.strings("remove", check: HeaderRule.changed))
  }
}

extension HTTPRedirect: FieldReadable {
  init(_ fields: inout Fields) {
    let uri = fields.string("uri")
    let prefix = fields.string("prefixRewrite")
    if uri != nil, prefix != nil { fields.report(.exclusive(["uri", "prefixRewrite"])) }
    self.init(
      path: uri.map { .full($0) } ?? prefix.map { .prefix($0) },
      authority: fields.string("authority"),
      port: Port(&fields),
      scheme: fields.string("scheme") {
        ["", "http", "https"].contains($0) ? nil : .unknownChoice($0, choices: ["http", "https"])
      },
      redirectCode: fields.int("redirectCode", .uint32) ?? 0)
    if path == nil, authority == nil, port == nil, scheme == nil {
      fields.report(.emptyRedirect())
    }
    if redirectCode != 0, !(300...399).contains(redirectCode) {
      fields.report(.notARedirect(redirectCode), at: "redirectCode")
    }
  }
}

extension HTTPRedirect.Port {
  private enum Derivation: String, CaseIterable {
    case fromProtocolDefault = "FROM_PROTOCOL_DEFAULT"
    case fromRequestPort = "FROM_REQUEST_PORT"
  }

  fileprivate init?(_ fields: inout Fields) {
    let number = fields.int("port", .uint32)
    let derivation = fields.choice("derivePort", Derivation.self)
    if number != nil, derivation != nil { fields.report(.exclusive(["port", "derivePort"])) }
    if let number {
      if number > 65535 { fields.report(.portOutOfRange(number), at: "port") }
      self = .number(number)
      return
    }
    switch derivation {
    case .fromProtocolDefault: self = .fromProtocolDefault
    case .fromRequestPort: self = .fromRequestPort
    case nil: return nil
    }
  }
}

extension HTTPDirectResponse: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      status: fields.int("status", .uint32) ?? 0, body: fields.one("body") { Body(&$0) } ?? nil)
    if !(200...600).contains(status) { fields.report(.badStatus(status), at: "status") }
    let size = body?.count ?? 0
    if size > 1 << 20 {
      fields.report(.largeBody(bytes: size), at: "body")
    } else if size > 100 << 10 {
      fields.report(.ratherLargeBody(bytes: size), at: "body")
    }
  }
}

extension HTTPDirectResponse.Body {
  fileprivate init?(_ fields: inout Fields) {
    let string = fields.presentString("string")
    let bytes: [UInt8]? = fields.value("bytes") { $0.bytes($1) }
    if string != nil, bytes != nil { fields.report(.exclusive(["string", "bytes"])) }
    guard let body = string.map({ Self.string($0) }) ?? bytes.map({ Self.bytes($0) }) else {
      return nil
    }
    self = body
  }

  fileprivate var count: Int {
    switch self {
    case .string(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    }
  }
}

extension HTTPRewrite: FieldReadable {
  init(_ fields: inout Fields) {
    let prefix = fields.string("uri")
    let regex = fields.one("uriRegexRewrite") { fields in
      let pair = (match: fields.text("match"), rewrite: fields.text("rewrite"))
      if pair.match.isEmpty || pair.rewrite.isEmpty {
        fields.report(.incompleteRegexRewrite())
      } else if let finding = regexFinding(pair.match) {
        fields.report(finding, at: "match")
      }
      return pair
    }
    if prefix != nil, regex != nil { fields.report(.exclusive(["uri", "uriRegexRewrite"])) }
    self.init(
      uri: prefix.map { .prefix($0) }
        ?? regex.map { .regex(match: $0.match, rewrite: $0.rewrite) },
      authority: fields.string("authority"))
    if uri == nil, authority == nil, !fields.has("uriRegexRewrite") {
      fields.report(.emptyRewrite())
    }
  }
}

extension HTTPRetry: FieldReadable {
  init(unchecked fields: inout Fields) {
    self.init(
      attempts: fields.int("attempts", .int32) ?? 0,
      perTryTimeout: fields.duration("perTryTimeout"),
      retryOn: fields.string("retryOn").map { RetryOn($0) },
      retryRemoteLocalities: fields.bool("retryRemoteLocalities"),
      retryIgnorePreviousHosts: fields.bool("retryIgnorePreviousHosts"),
      backoff: fields.duration("backoff"))
  }

  init(_ fields: inout Fields) {
    self.init(unchecked: &fields)
    for (name, duration) in [("perTryTimeout", perTryTimeout), ("backoff", backoff)] {
      if let duration, let finding = TextRule.duration(duration) {
        fields.report(finding, at: .key(name))
      }
    }
    for word in fields.text("retryOn").split(separator: ",", omittingEmptySubsequences: false) {
      if let finding = RetryOn.finding(word), retryOn != nil {
        fields.report(finding, at: "retryOn")
      }
    }
    if attempts < 0 { fields.report(.negative(attempts), at: "attempts") }
    if attempts == 0, perTryTimeout != nil || retryOn != nil || retryRemoteLocalities != nil {
      fields.report(.settingsOfNoRetries())
    }
  }
}

extension HTTPRetry.RetryOn {
  fileprivate init(_ text: String) {
    let words = text.split(separator: ",").map { $0.filter { $0 != " " } }
    self.init(
      conditions: words.filter { Self.status($0[...]) == nil && !$0.isEmpty },
      statusCodes: words.compactMap { Self.status($0[...]) })
  }

  /// istiod's validation allows no spaces, which its route builder would trim.
  fileprivate static func finding(_ word: Substring) -> Finding? {
    status(word) != nil || knownConditions.contains(String(word))
      ? nil : .unknownRetryCondition(String(word), known: knownConditions)
  }

  private static func status(_ word: Substring) -> Int? {
    Int(word).flatMap { knownStatuses.contains($0) ? $0 : nil }
  }

  private static let knownConditions = [
    "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx",
    "refused-stream", "retriable-status-codes", "retriable-headers", "envoy-ratelimited",
    "http3-post-connect-failure", "cancelled", "deadline-exceeded", "internal",
    "resource-exhausted", "unavailable",
  ]

  /// The status codes that Go's net/http has a text for.
  private static let knownStatuses = Set(
    Array(100...103) + Array(200...208) + [226] + Array(300...305) + [307, 308]
      + Array(400...418) + Array(421...426) + [428, 429, 431, 451] + Array(500...508) + [510, 511])
}
