import Compiler
import Documents
import EnvoyAPI
import Mesh
import Resources
import Store
import Testing

/// What RequestAuthentications and PeerAuthentications come to.
@Suite struct AuthenticationTests {
  /// Of each connection manager its filter for tokens.
  @Test(arguments: GoldenCase.all(with: "tokens.json"))
  func tokensAreVerifiedAsByIstiod(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "tokens.json", in: ListenerCompiler(model).listeners, for: golden.proxy(in: model),
      type: "envoy.config.listener.v3.Listener"
    ) { $0.first("filterChains").first("filters")["typedConfig"]!.tokenFilter }
  }

  /// Of each cluster how it encrypts, in names.
  @Test(arguments: GoldenCase.all(with: "sockets.json"))
  func clustersEncryptAsIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "sockets.json", in: ClusterCompiler(model, gateways: .all).clusters,
      for: golden.proxy(in: model), type: "envoy.config.cluster.v3.Cluster"
    ) { cluster in
      let matches = cluster["transportSocketMatches"]?.elements.compactMap { $0["name"] } ?? []
      return Node(.sequence(matches + [cluster["transportSocket"]?["name"]].compactMap { $0 }))
    }
  }

  private static let keys = #"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#
  private static let gateway = Resource.gateway(
    ClusterBench.object(
      Gateway(
        servers: [
          .init(
            port: .init(number: 80, name: "p", portProtocol: .http, protocolText: "HTTP"),
            hosts: [ServerHost(host: "*")])
        ]), "edge", "g"))

  private static func policy(_ rules: JWTRule...) -> Resource {
    .requestAuthentication(
      ClusterBench.object(RequestAuthentication(jwtRules: rules), "edge", "r"))
  }

  private static func rule(_ location: KeySetLocation, timeout: Duration? = nil) -> JWTRule {
    JWTRule(issuer: "i", keys: .fetched(location), timeout: timeout)
  }

  private func tokenFilter(_ bench: ListenerBench) throws -> Node {
    let type = try #require(MessageType(named: "envoy.config.listener.v3.Listener"))
    let listener = try #require(bench.listeners["0.0.0.0_80"])
    return try type.node(from: listener).get().first("filterChains").first("filters")[
      "typedConfig"]!.tokenFilter
  }

  private func keys(_ filter: Node) -> String? {
    guard
      case .string(let text)? = filter["providers"]?["origins-0"]?["localJwks"]?["inlineString"]?
        .content
    else { return nil }
    return text
  }

  @Test func keysThatComeLaterReplaceTheStandInAndNothingElseIsMadeAgain() throws {
    let location = KeySetLocation.uri("https://keys.example.com")
    let bench = ListenerBench([Self.gateway, Self.policy(Self.rule(location))])
    #expect(keys(try tokenFilter(bench))?.contains("0xObjM0UvS_oaazjpEYl") == true)
    _ = bench.secrets
    let counts = bench.recomputed { bench.store.keySets.set(location, to: .keys(Self.keys)) }
    #expect(keys(try tokenFilter(bench)) == Self.keys)
    #expect(counts["httpConnectionManager"] == 1)
    #expect(counts["filterChain"] == 1)
    #expect(counts.values.reduce(0, +) < 6, "\(counts)")
    bench.store.keySets.set(location, to: .unavailable)
    #expect(keys(try tokenFilter(bench))?.contains("0xObjM0UvS_oaazjpEYl") == true)
  }

  @Test func rulesGoOnCountingUntilTheKeysOfNewOnesAreThere() throws {
    let (old, new) = (KeySetLocation.uri("https://old"), KeySetLocation.uri("https://new"))
    let bench = ListenerBench([Self.gateway, Self.policy(Self.rule(old))])
    bench.store.keySets.set(old, to: .keys(Self.keys))
    bench.store.put(Self.policy(Self.rule(new)))
    bench.store.keySets.set(new, to: .awaited)
    #expect(keys(try tokenFilter(bench)) == Self.keys)
    // One more edit while they are awaited forgets nothing.
    bench.store.put(Self.policy(Self.rule(new), Self.rule(new)))
    #expect(keys(try tokenFilter(bench)) == Self.keys)
    bench.store.keySets.set(new, to: .unavailable)
    #expect(keys(try tokenFilter(bench))?.contains("0xObjM0UvS_oaazjpEYl") == true)
  }

  @Test func aPolicyWithoutAPastWaitsForItsKeys() throws {
    let location = KeySetLocation.uri("https://keys.example.com")
    let bench = ListenerBench([Self.gateway, Self.policy(Self.rule(location))])
    bench.store.keySets.set(location, to: .awaited)
    #expect(try tokenFilter(bench).content == .null)
    bench.store.keySets.set(location, to: .keys(Self.keys))
    #expect(keys(try tokenFilter(bench)) == Self.keys)
  }

  @Test func eachPlaceIsAskedForOnceWithTheLongestTimeout() {
    let (a, b) = (KeySetLocation.uri("https://a"), KeySetLocation.discovery(issuer: "https://b"))
    let bench = ListenerBench([
      Self.policy(Self.rule(a), Self.rule(b, timeout: .seconds(1)), Self.rule(a)),
      .requestAuthentication(
        ClusterBench.object(
          RequestAuthentication(jwtRules: [Self.rule(a, timeout: .seconds(9))]), "shop", "r")),
    ])
    let requests = bench.model.policies.tokens.requests()
    let (r, s) = (
      NamespacedName(namespace: "edge", name: "r"), NamespacedName(namespace: "shop", name: "r")
    )
    #expect(
      requests == [
        .init(location: a, timeout: .seconds(9), policies: [r, s]),
        .init(location: b, timeout: .seconds(1), policies: [r]),
      ])
    bench.store.remove(.requestAuthentication, r)
    #expect(
      bench.model.policies.tokens.requests() == [
        .init(location: a, timeout: .seconds(9), policies: [s])
      ])
  }
}

extension Node {
  fileprivate var elements: [Node] {
    if case .sequence(let elements) = content { elements } else { [] }
  }

  fileprivate func first(_ key: String) -> Node {
    self[key]?.elements.first ?? Node(.null)
  }

  /// A connection manager's filter for tokens, or null.
  fileprivate var tokenFilter: Node {
    self["httpFilters"]?.elements.first {
      $0["name"]?.content == .string("envoy.filters.http.jwt_authn")
    }?["typedConfig"] ?? Node(.null)
  }
}
