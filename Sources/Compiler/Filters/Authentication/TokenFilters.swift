internal import EnvoyAPI
internal import Mesh
internal import Resources

/// What the RequestAuthentications attached to a class of proxies put in its HTTP filter chains
/// (istiod's `pilot/pkg/security/authn/policy_applier.go`): a token that is there must be valid. That
/// one must be there is for AuthorizationPolicies to say.
struct TokenFilters {
  private let rules: [TokenRule]
  /// A gateway's routes may depend on claims, which are known only behind this filter.
  private let choosesRouteAgain: Bool

  init(_ model: MeshModel, _ proxies: ProxyClass) {
    rules = model.policies.tokens.rules(proxies)
    choosesRouteAgain = proxies.traits.type != .sidecar
  }

  var http: [Envoy.HttpFilter] {
    guard !rules.isEmpty else { return [] }
    let names = rules.indices.map { "origins-\($0)" }
    return [
      .filter(
        "envoy.filters.http.jwt_authn",
        Envoy.JwtAuthentication(
          providers: Envoy.Map(zip(names, rules.map(provider)).map { (key: $0, value: $1) }),
          rules: [
            .init(
              match: .init(pathSpecifier: .prefix("/")), requirementType: .requires(valid(names)))
          ],
          bypassCorsPreflight: true))
    ]
  }

  private func provider(_ token: TokenRule) -> Envoy.JwtProvider {
    let rule = token.rule
    return .init(
      issuer: rule.issuer,
      audiences: rule.audiences,
      jwksSourceSpecifier: .localJwks(.init(specifier: .inlineString(token.keys))),
      forward: rule.forwardOriginalToken,
      fromHeaders: rule.fromHeaders.map { .init(name: $0.name, valuePrefix: $0.prefix ?? "") },
      fromParams: rule.fromParams,
      fromCookies: rule.fromCookies,
      forwardPayloadHeader: rule.outputPayloadToHeader ?? "",
      payloadInMetadata: "payload",
      normalizePayloadInMetadata: .init(
        spaceDelimitedClaims: Set(rule.spaceDelimitedClaims + ["permission", "scope"]).sorted()),
      claimToHeaders: rule.outputClaimToHeaders.map {
        .init(headerName: $0.header, claimName: $0.claim)
      },
      clearRouteCache: choosesRouteAgain)
  }

  /// One of the tokens is valid; or each that is there is, which tokens of several issuers in the same
  /// place cannot be.
  private func valid(_ names: [String]) -> Envoy.JwtRequirement {
    let ifPresent = names.map { name -> Envoy.JwtRequirement in
      .any([.init(requiresType: .providerName(name)), .init(requiresType: .allowMissing(.init()))])
    }
    guard names.count > 1 else { return ifPresent[0] }
    return .any(
      names.map { .init(requiresType: .providerName($0)) } + [
        .init(requiresType: .requiresAll(.init(requirements: ifPresent)))
      ])
  }
}

extension Envoy.JwtRequirement {
  fileprivate static func any(_ requirements: [Envoy.JwtRequirement]) -> Envoy.JwtRequirement {
    .init(requiresType: .requiresAny(.init(requirements: requirements)))
  }
}
