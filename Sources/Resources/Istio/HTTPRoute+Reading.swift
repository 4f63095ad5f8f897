internal import Diagnostics
internal import Documents

extension HTTPRoute: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.string("name"),
      matches: fields.many("match"),
      action: Action(&fields),
      rewrite: fields.one("rewrite"),
      timeout: fields.duration("timeout", check: TextRule.duration),
      retries: fields.one("retries"),
      fault: fields.one("fault"),
      mirror: fields.one("mirror"),
      mirrorPercent: fields.int("mirrorPercent", .uint32),
      mirrorPercentage: fields.one("mirrorPercentage") { $0.double("value") ?? 0 },
      mirrors: fields.many("mirrors"),
      corsPolicy: fields.one("corsPolicy"),
      headers: fields.one("headers"),
      position: fields.sourcePosition)
    check(&fields)
  }

  private func check(_ fields: inout Fields) {
    checkMirrors(&fields)
    checkAuthority(&fields)
    switch action {
    case .redirect(let redirect):
      fields.checkAlone(beside: "redirect")
      if case .prefix? = redirect.path, !matches.allSatisfy(\.takesPrefixRewrite) {
        fields.report(.prefixRewriteOfOtherMatch(), at: "redirect", "prefixRewrite")
      }
    case .directResponse: fields.checkAlone(beside: "directResponse")
    case .route(let destinations): fields.checkWeights(destinations.map(\.weight))
    case .delegate: break
    }
  }

  private func checkMirrors(_ fields: inout Fields) {
    if mirror != nil, !mirrors.isEmpty, !isDelegating {
      fields.report(.exclusive(["mirror", "mirrors"]))
    }
    if let mirrorPercent {
      fields.report(.deprecated("mirrorPercent", instead: "mirrorPercentage"), at: "mirrorPercent")
      if mirrorPercent > 100 {
        fields.report(.percentOutOfRange(mirrorPercent), at: "mirrorPercent")
      }
    }
    if let mirrorPercentage, !(0...100).contains(mirrorPercentage) {
      fields.report(.percentageOutOfRange(mirrorPercentage), at: "mirrorPercentage", "value")
    }
  }

  private var isDelegating: Bool {
    if case .delegate = action { true } else { false }
  }

  /// The authority can be changed in one place only.
  private func checkAuthority(_ fields: inout Fields) {
    let changes = (headers?.request.set ?? []) + (headers?.request.add ?? [])
    var current = rewrite?.authority ?? ""
    for header in changes where HeaderRule.isAuthority(header.name) {
      if !current.isEmpty {
        fields.report(.authorityTwice(current, header.value), at: "headers", "request")
        return
      }
      current = header.value
    }
  }
}

extension HTTPRoute.Action {
  fileprivate init(_ fields: inout Fields) {
    let route = fields.many("route", HTTPRouteDestination.self)
    let redirect = fields.one("redirect", HTTPRedirect.self)
    let response = fields.one("directResponse", HTTPDirectResponse.self)
    let delegate = fields.one("delegate", HTTPRoute.Delegate.self)
    if var delegate {
      if !route.isEmpty { fields.report(.exclusive(["delegate", "route"])) }
      if redirect != nil { fields.report(.exclusive(["delegate", "redirect"])) }
      delegate.directResponse = response
      self = .delegate(delegate)
      return
    }
    let given = [
      ("route", !route.isEmpty), ("redirect", redirect != nil), ("directResponse", response != nil),
    ].filter(\.1).map(\.0)
    if given.count > 1 { fields.report(.exclusive(given)) }
    if given.isEmpty, !["route", "redirect", "directResponse"].contains(where: fields.hasContent) {
      fields.report(.routeWithoutAction())
    }
    self = redirect.map { .redirect($0) } ?? response.map { .directResponse($0) } ?? .route(route)
  }
}

extension Fields {
  /// What is not empty; its contents may have been refused already.
  fileprivate func hasContent(_ key: String) -> Bool { isGiven(.key(key)) }

  fileprivate func checkAlone(beside action: String) {
    for name in ["fault", "rewrite"] where has(name) {
      report(.exclusive([name, action]))
    }
  }
}

extension HTTPRoute.Delegate: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.string("name"), namespace: fields.string("namespace"),
      position: fields.sourcePosition)
  }
}

extension HTTPMatchRequest: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.string("name"),
      // Of all, an empty prefix is only all right here: Envoy takes it for every path.
      uri: fields.one("uri") { StringMatch(&$0, check: StringMatch.regexFinding) },
      ignoreUriCase: fields.flag("ignoreUriCase"),
      scheme: fields.one("scheme"),
      method: fields.one("method"),
      authority: fields.one("authority"),
      headers: fields.headerMatches("headers", check: StringMatch.finding),
      withoutHeaders: fields.headerMatches("withoutHeaders") {
        // Not a regular expression: istiod takes it for the header's presence.
        $0 == .regex("*") ? nil : StringMatch.finding($0)
      },
      queryParams: fields.entries("queryParams") { reading, _, node in
        Fields.read(node, reading) { StringMatch(&$0) }
      },
      port: fields.matchedPort(),
      sourceLabels: fields.labels("sourceLabels", check: TextRule.label),
      sourceNamespace: fields.string("sourceNamespace") {
        $0.isEmpty || HostRule.isLabel($0) ? nil : .badNamespace($0)
      },
      gateways: fields.withoutWarningsOfIstiod { $0.gateways("gateways") },
      statPrefix: fields.string("statPrefix"),
      position: fields.sourcePosition)
  }

  fileprivate var takesPrefixRewrite: Bool {
    switch uri {
    case nil, .prefix: true
    case .exact, .regex, .present: false
    }
  }
}

extension StringMatch: FieldReadable {
  init(_ fields: inout Fields) { self.init(&fields, check: StringMatch.finding) }

  init(_ fields: inout Fields, check: (StringMatch) -> Finding?) {
    let exact = fields.presentString("exact")
    let prefix = fields.presentString("prefix")
    let regex = fields.presentString("regex")
    let given = [("exact", exact), ("prefix", prefix), ("regex", regex)].filter { $0.1 != nil }
    if given.count > 1 { fields.report(.exclusive(given.map(\.0))) }
    self =
      exact.map { .exact($0) } ?? prefix.map { .prefix($0) } ?? regex.map { .regex($0) } ?? .present
    if let finding = check(self) { fields.report(finding) }
  }

  static func finding(_ match: StringMatch) -> Finding? {
    match == .prefix("") ? .emptyPrefix() : regexFinding(match)
  }

  static func regexFinding(_ match: StringMatch) -> Finding? {
    switch match {
    case .regex(let pattern): Resources.regexFinding(pattern)
    case .exact, .prefix, .present: nil
    }
  }
}

extension Fields {
  fileprivate mutating func headerMatches(
    _ key: String, check: (StringMatch) -> Finding?
  ) -> [HeaderMatch] {
    let matches: [Named<StringMatch>] = entries(key) { reading, name, node in
      if let finding = HeaderRule.matched(name) {
        reading.report(finding, at: [], position: node.position)
      }
      return Fields.read(node, reading) { StringMatch(&$0, check: check) }
    }
    return matches.map {
      HeaderMatch(key: $0.name, claim: routingClaim($0.name), match: $0.value)
    }
  }
}
