internal import EnvoyAPI
internal import Resources

/// What a request must have, as Envoy asks it. istiod asks for a claim of any value with a matcher
/// that Envoy refuses, and the route configuration with it; `isStock` asks otherwise.
func envoyMatch(_ match: HTTPMatchRequest, isStock: Bool) -> Envoy.RouteMatch {
  Envoy.RouteMatch(
    pathSpecifier: pathSpecifier(match.uri),
    caseSensitive: !match.ignoreUriCase,
    headers: headerMatchers(match),
    queryParameters: match.queryParams.map(queryParameterMatcher),
    dynamicMetadata: match.headers.compactMap { claimMatcher($0, invert: false, isStock) }
      + match.withoutHeaders.compactMap { claimMatcher($0, invert: true, isStock) })
}

extension HTTPMatchRequest {
  /// Every request that reaches the match fits it. A prefix of no letters is not looked at so closely.
  var fitsEverything: Bool {
    uri.takesEveryPath && headers.isEmpty && withoutHeaders.isEmpty && queryParams.isEmpty
      && method == nil && authority == nil && scheme == nil
  }
}

extension StringMatch? {
  /// As a match of paths.
  var takesEveryPath: Bool {
    switch self {
    case nil, .present, .prefix("/"), .regex(".*"): true
    case .exact, .prefix, .regex: false
    }
  }
}

private func pathSpecifier(_ uri: StringMatch?) -> Envoy.RouteMatch.PathSpecifier {
  switch uri {
  case nil, .present: .prefix("/")
  case .exact(let path): .path(path)
  case .prefix(let prefix): .prefix(prefix)
  case .regex(let regex): .safeRegex(.init(regex: regex))
  }
}

/// Headers by name, the wanted ones first where both lists name one; then the pseudo-headers.
private func headerMatchers(_ match: HTTPMatchRequest) -> [Envoy.HeaderMatcher] {
  let named =
    match.headers.isEmpty && match.withoutHeaders.isEmpty
    ? []
    : (match.headers.map { (header: $0, invert: false) }
      + match.withoutHeaders.map { (header: $0, invert: true) })
      .filter { $0.header.claim == nil }
      .enumerated().sorted {
        ($0.element.header.key, $0.offset) < ($1.element.header.key, $1.offset)
      }
      .map {
        headerMatcher($0.element.header.key, $0.element.header.match, invert: $0.element.invert)
      }
  guard match.method != nil || match.authority != nil || match.scheme != nil else { return named }
  let pseudo: [(String, StringMatch?)] = [
    (":method", match.method), (":authority", match.authority), (":scheme", match.scheme),
  ]
  return named
    + pseudo.compactMap { name, match in match.map { headerMatcher(name, $0, invert: false) } }
}

private func headerMatcher(
  _ name: String, _ match: StringMatch, invert: Bool
) -> Envoy.HeaderMatcher {
  guard let pattern = pattern(match) else {
    return Envoy.HeaderMatcher(
      name: name, headerMatchSpecifier: .presentMatch(true), invertMatch: invert)
  }
  return Envoy.HeaderMatcher(
    name: name, headerMatchSpecifier: .stringMatch(.init(matchPattern: pattern)),
    invertMatch: invert, treatMissingHeaderAsEmpty: invert)
}

private func queryParameterMatcher(
  _ parameter: Named<StringMatch>
) -> Envoy.QueryParameterMatcher {
  Envoy.QueryParameterMatcher(
    name: parameter.name,
    queryParameterMatchSpecifier: pattern(parameter.value).map {
      .stringMatch(.init(matchPattern: $0))
    } ?? .presentMatch(true))
}

/// A claim of the request's token, which jwt_authn leaves in the request's metadata: the text itself or
/// a list that holds it.
private func claimMatcher(
  _ header: HeaderMatch, invert: Bool, _ isStock: Bool
) -> Envoy.MetadataMatcher? {
  guard let claim = header.claim else { return nil }
  let pattern = pattern(header.match)
  let text = Envoy.ValueMatcher(matchPattern: .stringMatch(.init(matchPattern: pattern)))
  let textOrList = Envoy.ValueMatcher.MatchPattern.orMatch(
    .init(valueMatchers: [
      .init(matchPattern: .listMatch(.init(matchPattern: .oneOf(text)))), text,
    ]))
  return Envoy.MetadataMatcher(
    filter: "envoy.filters.http.jwt_authn",
    path: (["payload"] + claim).map { .init(segment: .key($0)) },
    value: .init(matchPattern: pattern == nil && isStock ? .presentMatch(true) : textOrList),
    invert: invert)
}

/// Nil where the thing must only be there.
private func pattern(_ match: StringMatch) -> Envoy.StringMatcher.MatchPattern? {
  switch match {
  case .present, .regex("*"): nil
  case .exact, .prefix, .regex: stringPattern(match)
  }
}

/// The match as Envoy writes it; nil for an empty one.
func stringPattern(_ match: StringMatch) -> Envoy.StringMatcher.MatchPattern? {
  switch match {
  case .exact(let text): .exact(text)
  case .prefix(let text): .prefix(text)
  case .regex(let regex): .safeRegex(.init(regex: regex))
  case .present: nil
  }
}
