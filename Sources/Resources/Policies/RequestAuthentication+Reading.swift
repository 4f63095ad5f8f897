internal import Diagnostics
internal import Documents

extension RequestAuthentication: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(attachment: PolicyAttachment(&fields), jwtRules: fields.many("jwtRules"))
  }
}

extension JWTRule: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      issuer: fields.text("issuer"),
      audiences: fields.filled("audiences"),
      keys: Keys(&fields),
      fromHeaders: fields.many("fromHeaders"),
      fromParams: fields.filled("fromParams"),
      fromCookies: fields.filled("fromCookies"),
      outputPayloadToHeader: fields.string(
        "outputPayloadToHeader", check: HeaderRule.takenByEnvoy),
      forwardOriginalToken: fields.flag("forwardOriginalToken"),
      outputClaimToHeaders: fields.many("outputClaimToHeaders"),
      timeout: fields.duration("timeout", check: TextRule.duration),
      spaceDelimitedClaims: fields.strings("spaceDelimitedClaims"),
      position: fields.sourcePosition)
    if issuer.isEmpty, !fields.isGiven("jwksUri"), !fields.isGiven("jwks_uri") {
      fields.report(.ruleWithoutIssuer())
    }
    enum Presence: String, CaseIterable {
      case optional = "OPTIONAL"
      case required = "REQUIRED"
    }
    if fields.choice("presence", Presence.self) == .required {
      fields.report(.presenceNotEnforced(), at: "presence")
    }
  }
}

extension JWTRule.Keys {
  fileprivate init(_ fields: inout Fields) {
    let text = fields.string("jwks")
    // Both names pass the API server.
    let check: (String) -> Finding? = { $0.isEmpty ? nil : KeySetRule.uri($0) }
    let older = fields.string("jwks_uri", check: check)
    let uri = fields.string("jwksUri", check: check) ?? older
    guard let text else {
      let issuer = fields.text("issuer")
      self = .fetched(uri.map { .uri($0) } ?? .discovery(issuer: issuer))
      if uri == nil, !issuer.isEmpty, KeySetRule.uri(issuer) != nil {
        fields.report(.keysNowhere(issuer))
      }
      return
    }
    self = EnvoyKeys.canUse(Array(text.utf8)) ? .inline(text) : .unusable
    if uri != nil { fields.report(.keysFetchedForNothing(), at: "jwksUri") }
    switch KeySetRule.keys(in: Array(text.utf8)) {
    case .problem(let problem): fields.report(.badKeySet(problem), at: "jwks")
    case .keys(let privateOnes):
      if self == .unusable { fields.report(.unusableKeySet(), at: "jwks") }
      for index in privateOnes { fields.report(.privateKeyInKeySet(index), at: "jwks") }
    }
  }
}

extension JWTRule.Header: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.text("name", check: HeaderRule.takenByEnvoy),
      prefix: fields.string("prefix", check: HeaderRule.takenByEnvoy))
    if name.isEmpty { fields.report(.missing("name")) }
  }
}

extension JWTRule.ClaimToHeader: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(claim: fields.text("claim"), header: fields.text("header"))
    for (field, value) in [("claim", claim), ("header", header)] where value.isEmpty {
      fields.report(.missing(field))
    }
    if !claim.isEmpty, !header.isEmpty, !HeaderRule.isPlain(header) {
      fields.report(.badHeaderName(header), at: "header")
    }
  }
}

extension Fields {
  /// Texts none of which is empty.
  fileprivate mutating func filled(_ key: String) -> [String] {
    strings(key) { $0.isEmpty ? .emptyText() : nil }
  }
}
