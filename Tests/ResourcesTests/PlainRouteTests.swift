import Testing

@testable import Resources

/// A plain route is one of which nothing is said besides: each field that there is makes another of it.
@Suite struct PlainRouteTests {
  private static let plain = HTTPRoute(
    matches: [HTTPMatchRequest(uri: .prefix("/"))],
    action: .route([HTTPRouteDestination(destination: Destination(host: "a"), weight: 3)]))

  private static let routes: [String: @Sendable (inout HTTPRoute) -> Void] = [
    "name": { $0.name = "n" },
    "action": { $0.action = .redirect(HTTPRedirect()) },
    "_rewrite": { $0.rewrite = HTTPRewrite() },
    "timeout": { $0.timeout = .seconds(1) },
    "_retries": { $0.retries = HTTPRetry() },
    "_fault": { $0.fault = HTTPFaultInjection() },
    "_mirror": { $0.mirror = Destination(host: "b") },
    "mirrorPercent": { $0.mirrorPercent = 1 },
    "mirrorPercentage": { $0.mirrorPercentage = 1 },
    "mirrors": { $0.mirrors = [HTTPMirrorPolicy(destination: Destination(host: "b"))] },
    "_corsPolicy": { $0.corsPolicy = CorsPolicy() },
    "_headers": { $0.headers = Headers() },
  ]

  private static let matches: [String: @Sendable (inout HTTPMatchRequest) -> Void] = [
    "name": { $0.name = "n" },
    "ignoreUriCase": { $0.ignoreUriCase = true },
    "scheme": { $0.scheme = .present },
    "method": { $0.method = .present },
    "authority": { $0.authority = .present },
    "headers": { $0.headers = [HeaderMatch(key: "a", match: .present)] },
    "withoutHeaders": { $0.withoutHeaders = [HeaderMatch(key: "a", match: .present)] },
    "queryParams": { $0.queryParams = [Named(name: "a", value: .present)] },
    "port": { $0.port = 1 },
    "sourceLabels": { $0.sourceLabels = ["a": "b"] },
    "sourceNamespace": { $0.sourceNamespace = "a" },
    "gateways": { $0.gateways = [.mesh] },
    "statPrefix": { $0.statPrefix = "a" },
  ]

  private static func fields(of value: Any) -> Set<String> {
    Set(Mirror(reflecting: value).children.compactMap(\.label))
  }

  @Test func nothingElseIsSaidOfAPlainRoute() {
    #expect(Self.plain.isPlain)
    let others: Set = ["matches", "position"]
    #expect(Self.fields(of: Self.plain) == others.union(Self.routes.keys))
    for (field, say) in Self.routes {
      var route = Self.plain
      say(&route)
      #expect(!route.isPlain, "\(field)")
    }
    let share = HTTPRouteDestination(destination: Destination(host: "a"), headers: Headers())
    #expect(!HTTPRoute(action: .route([share])).isPlain)
    #expect(!HTTPRoute(action: .route([])).isPlain)
    #expect(Self.fields(of: share) == ["destination", "weight", "_headers", "position"])
  }

  @Test func nothingElseIsSaidOfAPath() {
    let match = Self.plain.matches[0]
    #expect([match].isOfPathOnly(at: 0))
    #expect(Self.fields(of: match) == Set(["uri", "position"]).union(Self.matches.keys))
    for (field, say) in Self.matches {
      var other = match
      say(&other)
      #expect(![other].isOfPathOnly(at: 0), "\(field)")
    }
  }
}
