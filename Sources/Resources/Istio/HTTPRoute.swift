/// One rule for HTTP requests: which it is for, and what is done with them.
package struct HTTPRoute: Hashable, Sendable {
  package var name: String?
  /// The rule is for a request that fits any of these; empty fits every request.
  package var matches: [HTTPMatchRequest]
  package var action: Action
  @Boxed package var rewrite: HTTPRewrite?
  package var timeout: Duration?
  @Boxed package var retries: HTTPRetry?
  @Boxed package var fault: HTTPFaultInjection?
  @Boxed package var mirror: Destination?
  /// The share of requests that `mirror` gets, in whole percent; deprecated.
  package var mirrorPercent: Int?
  package var mirrorPercentage: Double?
  package var mirrors: [HTTPMirrorPolicy]
  @Boxed package var corsPolicy: CorsPolicy?
  @Boxed package var headers: Headers?
  package var position: SourcePosition

  package init(
    name: String? = nil, matches: [HTTPMatchRequest] = [], action: Action,
    rewrite: HTTPRewrite? = nil, timeout: Duration? = nil, retries: HTTPRetry? = nil,
    fault: HTTPFaultInjection? = nil, mirror: Destination? = nil, mirrorPercent: Int? = nil,
    mirrorPercentage: Double? = nil, mirrors: [HTTPMirrorPolicy] = [],
    corsPolicy: CorsPolicy? = nil, headers: Headers? = nil, position: SourcePosition = .unknown
  ) {
    self.name = name
    self.matches = matches
    self.action = action
    self.rewrite = rewrite
    self.timeout = timeout
    self.retries = retries
    self.fault = fault
    self.mirror = mirror
    self.mirrorPercent = mirrorPercent
    self.mirrorPercentage = mirrorPercentage
    self.mirrors = mirrors
    self.corsPolicy = corsPolicy
    self.headers = headers
    self.position = position
  }

  package enum Action: Hashable, Sendable {
    case route([HTTPRouteDestination])
    case redirect(HTTPRedirect)
    case directResponse(HTTPDirectResponse)
    case delegate(Delegate)
  }

  /// The routes of another VirtualService, put in this rule's place.
  package struct Delegate: Hashable, Sendable {
    package var name: String?
    package var namespace: String?
    /// What those routes answer if they have no action of their own.
    package var directResponse: HTTPDirectResponse?
    package var position: SourcePosition

    package init(
      name: String? = nil, namespace: String? = nil, directResponse: HTTPDirectResponse? = nil,
      position: SourcePosition = .unknown
    ) {
      self.name = name
      self.namespace = namespace
      self.directResponse = directResponse
      self.position = position
    }
  }
}

/// What a request must have to fit; everything given must hold.
package struct HTTPMatchRequest: Hashable, Sendable {
  package var name: String?
  package var uri: StringMatch?
  package var ignoreUriCase: Bool
  package var scheme: StringMatch?
  package var method: StringMatch?
  package var authority: StringMatch?
  /// Sorted by key.
  package var headers: [HeaderMatch]
  /// Headers that must not fit; sorted by key.
  package var withoutHeaders: [HeaderMatch]
  /// Sorted by name.
  package var queryParams: [Named<StringMatch>]
  /// The port the request came in on; nil for any.
  package var port: Int?
  package var sourceLabels: [String: String]
  package var sourceNamespace: String?
  package var gateways: [GatewayReference]
  package var statPrefix: String?
  package var position: SourcePosition

  package init(
    name: String? = nil, uri: StringMatch? = nil, ignoreUriCase: Bool = false,
    scheme: StringMatch? = nil, method: StringMatch? = nil, authority: StringMatch? = nil,
    headers: [HeaderMatch] = [], withoutHeaders: [HeaderMatch] = [],
    queryParams: [Named<StringMatch>] = [], port: Int? = nil, sourceLabels: [String: String] = [:],
    sourceNamespace: String? = nil, gateways: [GatewayReference] = [], statPrefix: String? = nil,
    position: SourcePosition = .unknown
  ) {
    self.name = name
    self.uri = uri
    self.ignoreUriCase = ignoreUriCase
    self.scheme = scheme
    self.method = method
    self.authority = authority
    self.headers = headers
    self.withoutHeaders = withoutHeaders
    self.queryParams = queryParams
    self.port = port
    self.sourceLabels = sourceLabels
    self.sourceNamespace = sourceNamespace
    self.gateways = gateways
    self.statPrefix = statPrefix
    self.position = position
  }
}

extension HTTPRoute {
  /// It says nothing but which requests go to one service, all of them as they are.
  package var isPlain: Bool {
    guard case .route(let destinations) = action, destinations.count == 1,
      !destinations[0].$headers.isSet
    else { return false }
    let forwardsOnly =
      !$rewrite.isSet && timeout == nil && !$retries.isSet && !$fault.isSet
      && !$corsPolicy.isSet && !$headers.isSet && name == nil
    return forwardsOnly && !$mirror.isSet && mirrors.isEmpty && mirrorPercent == nil
      && mirrorPercentage == nil
  }
}

extension [HTTPMatchRequest] {
  /// The match at a place says nothing but how the path must look. By its place: of one that is copied all
  /// parts are counted.
  package func isOfPathOnly(at place: Int) -> Bool {
    let isNamed = self[place].name != nil || self[place].statPrefix != nil
    let asksMore =
      self[place].ignoreUriCase || self[place].scheme != nil || self[place].method != nil
      || self[place].authority != nil || !self[place].headers.isEmpty
      || !self[place].withoutHeaders.isEmpty || !self[place].queryParams.isEmpty
    let isForSome =
      self[place].port != nil || !self[place].sourceLabels.isEmpty
      || self[place].sourceNamespace != nil || !self[place].gateways.isEmpty
    return !isNamed && !asksMore && !isForSome
  }
}

/// How a text must look.
package enum StringMatch: Hashable, Sendable {
  case exact(String)
  case prefix(String)
  /// In RE2's dialect, over the whole text.
  case regex(String)
  /// An empty match: the thing must only be there.
  case present
}

/// A header, or a claim of the request's token, and how it must look.
package struct HeaderMatch: Hashable, Sendable {
  /// As written.
  package var key: String
  /// The path of the claim, where the key is `@request.auth.claims.…` or `@request.auth.claims[…]…`.
  package var claim: [String]?
  package var match: StringMatch

  package init(key: String, claim: [String]? = nil, match: StringMatch) {
    self.key = key
    self.claim = claim
    self.match = match
  }
}

/// A destination, its share of the requests, and what is done to the headers on the way there.
package struct HTTPRouteDestination: Hashable, Sendable {
  package var destination: Destination
  package var weight: Int
  @Boxed package var headers: Headers?
  package var position: SourcePosition

  package init(
    destination: Destination, weight: Int = 0, headers: Headers? = nil,
    position: SourcePosition = .unknown
  ) {
    self.destination = destination
    self.weight = weight
    self.headers = headers
    self.position = position
  }
}

/// Changes to headers on the way to the service and back.
package struct Headers: Hashable, Sendable {
  package var request: HeaderOperations
  package var response: HeaderOperations

  package init(
    request: HeaderOperations = HeaderOperations(), response: HeaderOperations = HeaderOperations()
  ) {
    self.request = request
    self.response = response
  }
}

/// Keys keep the case they were written in.
package struct HeaderOperations: Hashable, Sendable {
  /// Sorted by name.
  package var set: [Named<String>]
  /// Sorted by name.
  package var add: [Named<String>]
  /// In the order written.
  package var remove: [String]

  package init(set: [Named<String>] = [], add: [Named<String>] = [], remove: [String] = []) {
    self.set = set
    self.add = add
    self.remove = remove
  }
}
