internal import Diagnostics
internal import Documents

extension HTTPFaultInjection: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      delay: fields.one("delay"), abort: fields.withoutWarningsOfIstiod { $0.one("abort") })
    if !fields.has("delay"), !fields.has("abort") { fields.report(.emptyFault()) }
  }
}

extension HTTPFaultInjection.Delay: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      fixedDelay: fields.duration("fixedDelay", check: TextRule.duration),
      percent: fields.int("percent", .int32) ?? 0,
      percentage: fields.faultPercentage())
    if percent > 0 { fields.report(.deprecatedDelayPercent(), at: "percent") }
    fields.ignore("exponentialDelay")
    if fields.has("exponentialDelay") {
      fields.report(.exponentialDelay(), at: "exponentialDelay")
    }
  }
}

extension HTTPFaultInjection.Abort: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      error: HTTPFaultInjection.Failure(&fields), percentage: fields.faultPercentage())
  }
}

extension HTTPFaultInjection.Failure {
  fileprivate init?(_ fields: inout Fields) {
    let status = fields.int("httpStatus", .int32)
    let name = fields.presentString("grpcStatus")
    fields.ignore("http2Error")
    let given = ["httpStatus", "grpcStatus", "http2Error"].filter { fields.has($0) }
    if given.count > 1 { fields.report(.exclusive(given)) }
    if given.isEmpty { fields.report(.abortWithoutError()) }
    if fields.has("http2Error") { fields.report(.http2Abort(), at: "http2Error") }
    if let status {
      if !(200...600).contains(status) { fields.report(.badStatus(status), at: "httpStatus") }
      self = .httpStatus(status)
    } else if let name {
      let code = Self.grpcStatuses.firstIndex(of: name)
      if code == nil {
        fields.report(.unknownChoice(name, choices: Self.grpcStatuses), at: "grpcStatus")
      }
      self = .grpcStatus(code ?? 0)
    } else {
      return nil
    }
  }

  /// In the order of their numbers (gRPC, statuscodes.md).
  private static let grpcStatuses = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
    "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]
}

extension Fields {
  fileprivate mutating func faultPercentage() -> Double? {
    let percentage = one("percentage") { $0.double("value") ?? 0 }
    if let percentage, let finding = TextRule.percentage(percentage) {
      report(finding, at: "percentage", "value")
    }
    return percentage
  }
}

extension HTTPMirrorPolicy: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      destination: fields.destination(),
      percentage: fields.one("percentage") { $0.double("value") ?? 0 })
    if let percentage, !(0...100).contains(percentage) {
      fields.report(.percentageOutOfRange(percentage), at: "percentage", "value")
    }
  }
}

extension CorsPolicy: FieldReadable {
  init(_ fields: inout Fields) {
    let exactOrigins = fields.strings("allowOrigin")
    let origins = fields.many("allowOrigins") { fields in
      StringMatch(&fields, check: StringMatch.originFinding)
    }
    self.init(
      allowOrigins: origins.isEmpty ? exactOrigins.map { .exact($0) } : origins,
      allowMethods: fields.strings("allowMethods") {
        Self.methods.contains($0) ? nil : .unknownChoice($0, choices: Self.methods)
      },
      allowHeaders: fields.strings("allowHeaders", check: HeaderRule.cors),
      exposeHeaders: fields.strings("exposeHeaders", check: HeaderRule.cors),
      maxAge: fields.duration("maxAge") {
        TextRule.duration($0) ?? ($0.components.attoseconds == 0 ? nil : .fineMaxAge())
      },
      allowCredentials: fields.bool("allowCredentials"),
      unmatchedPreflights: fields.choice("unmatchedPreflights") ?? .unspecified)
  }

  private static let methods = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*",
  ]
}

extension StringMatch {
  fileprivate static func originFinding(_ match: StringMatch) -> Finding? {
    switch match {
    case .exact(""), .prefix(""), .regex(""), .present: .emptyOrigin()
    case .exact, .prefix, .regex: regexFinding(match)
    }
  }
}
