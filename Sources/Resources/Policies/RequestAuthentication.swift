/// security.istio.io RequestAuthentication: whose tokens the workloads it is attached to accept.
package struct RequestAuthentication: ResourceSpec, AttachedSpec {
  package static let kind = Kind.requestAuthentication

  package var attachment: PolicyAttachment
  package var jwtRules: [JWTRule]

  package init(
    attachment: PolicyAttachment = PolicyAttachment(), jwtRules: [JWTRule] = []
  ) {
    self.attachment = attachment
    self.jwtRules = jwtRules
  }
}

/// One issuer of tokens: where its tokens stand in a request, how they are verified, and what is
/// passed on of them.
package struct JWTRule: Hashable, Sendable {
  package var issuer: String
  /// A token must be meant for one of them; empty for any.
  package var audiences: [String]
  package var keys: Keys
  package var fromHeaders: [Header]
  package var fromParams: [String]
  package var fromCookies: [String]
  package var outputPayloadToHeader: String?
  package var forwardOriginalToken: Bool
  package var outputClaimToHeaders: [ClaimToHeader]
  /// How long fetching the keys may take; nil for Istio's five seconds.
  package var timeout: Duration?
  /// Claims whose text is a list, besides `scope` and `permission`.
  package var spaceDelimitedClaims: [String]
  package var position: SourcePosition

  package init(
    issuer: String, audiences: [String] = [], keys: Keys, fromHeaders: [Header] = [],
    fromParams: [String] = [], fromCookies: [String] = [], outputPayloadToHeader: String? = nil,
    forwardOriginalToken: Bool = false, outputClaimToHeaders: [ClaimToHeader] = [],
    timeout: Duration? = nil, spaceDelimitedClaims: [String] = [],
    position: SourcePosition = .unknown
  ) {
    self.issuer = issuer
    self.audiences = audiences
    self.keys = keys
    self.fromHeaders = fromHeaders
    self.fromParams = fromParams
    self.fromCookies = fromCookies
    self.outputPayloadToHeader = outputPayloadToHeader
    self.forwardOriginalToken = forwardOriginalToken
    self.outputClaimToHeaders = outputClaimToHeaders
    self.timeout = timeout
    self.spaceDelimitedClaims = spaceDelimitedClaims
    self.position = position
  }

  /// The public keys that tokens are verified with.
  package enum Keys: Hashable, Sendable {
    /// A JSON Web Key Set, verbatim.
    case inline(String)
    /// A set that passes, and without a key that Envoy can use: no token will be valid.
    case unusable
    case fetched(KeySetLocation)
  }

  package struct Header: Hashable, Sendable {
    package var name: String
    /// What stands before the token.
    package var prefix: String?

    package init(name: String, prefix: String? = nil) {
      self.name = name
      self.prefix = prefix
    }
  }

  package struct ClaimToHeader: Hashable, Sendable {
    package var claim: String
    package var header: String

    package init(claim: String, header: String) {
      self.claim = claim
      self.header = header
    }
  }
}

/// Where an issuer publishes its keys.
package enum KeySetLocation: Hashable, Sendable, Comparable {
  /// http or https.
  case uri(String)
  /// The issuer's OpenID configuration names the URI (OpenID Connect Discovery 1.0 §4).
  case discovery(issuer: String)
}
