import Compiler
import Diagnostics
import Documents
import Mesh
import Resources
import Store
import Testing

/// What policies put in filter chains, and when it is made.
@Suite struct AuthorizationTests {
  @Test(arguments: GoldenCase.all(with: "authorization.json"))
  func filtersAreIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "authorization.json", in: ListenerCompiler(model).listeners, for: golden.proxy(in: model),
      type: "envoy.config.listener.v3.Listener", of: Self.authorization)
  }

  /// The filters of a listener that judge requests and connections, of its one chain.
  private static func authorization(_ listener: Node) -> Node {
    let filters = listener["filterChains"]?.items.first?["filters"]?.items ?? []
    let inManagers = filters.flatMap { $0["typedConfig"]?["httpFilters"]?.items ?? [] }
    return Node(
      .sequence(
        (filters + inManagers).filter { filter in
          guard case .string(let name)? = filter["name"]?.content else { return false }
          return name.hasSuffix(".rbac") || name.hasSuffix(".ext_authz")
        }))
  }

  private static func policy(_ name: String, rules: Int) -> Resource {
    .authorizationPolicy(
      Object(
        metadata: ObjectMeta(name: name, namespace: "edge"),
        spec: AuthorizationPolicy(
          rules: (0..<rules).map {
            .init(operations: [[.paths(Membership(anyOf: [PathPattern("/\($0)")]))]])
          }),
        place: Place(file: "t", line: 1, column: 1)))
  }

  private static func gateway(ports: Int, named name: String) -> Resource {
    let servers = (0..<ports).map { number in
      Gateway.Server(
        port: .init(
          number: 8000 + number, name: "p\(number)", portProtocol: .http, protocolText: "HTTP"),
        hosts: [ServerHost(host: "*")])
    }
    return .gateway(
      Object(
        metadata: ObjectMeta(name: name, namespace: "edge"),
        spec: Gateway(selector: ["istio": "ingressgateway"], servers: servers),
        place: Place(file: "t", line: 1, column: 1)))
  }

  @Test func anEditedPolicyIsTranslatedOnceForAllPortsAndLeavesRoutesAlone() {
    let bench = ListenerBench(
      [Self.gateway(ports: 50, named: "g"), Self.policy("a", rules: 20)]
        + (0..<30).map { Self.policy("b\($0)", rules: 2) })
    _ = bench.listeners
    _ = bench.secrets
    let counts = bench.recomputed { bench.store.put(Self.policy("a", rules: 21)) }
    #expect(counts["authorizationFilters"] == 1, "\(counts)")
    #expect(counts["authorizationRules"] == 1, "\(counts)")
    #expect(counts["httpConnectionManager"] == 1, "\(counts)")
    #expect(counts["filterChain"] == 50, "\(counts)")
    for untouched in counts.keys where untouched.contains("oute") {
      Issue.record("\(untouched) was computed again")
    }
  }

  @Test func aPolicyForOthersChangesNothing() {
    let bench = ListenerBench([Self.gateway(ports: 5, named: "g")])
    _ = bench.listeners
    _ = bench.secrets
    let counts = bench.recomputed {
      bench.store.put(
        .authorizationPolicy(
          Object(
            metadata: ObjectMeta(name: "b", namespace: "edge"),
            spec: AuthorizationPolicy(attachment: PolicyAttachment(selector: ["app": "other"])),
            place: Place(file: "t", line: 1, column: 1))))
    }
    #expect(counts["authorizationFilters"] == nil, "\(counts)")
    #expect(counts["httpConnectionManager"] == nil, "\(counts)")
  }

  /// In istiod they would be many more than can be counted: each source of a rule multiplies them.
  @Test func sharedConditionsDoNotGrowWithoutEnd() throws {
    let bench = ListenerBench([Self.gateway(ports: 1, named: "g")])
    var mesh = bench.store.meshConfig
    mesh.trustDomainAliases = ["a.example", "b.example", "c.example"]
    bench.store.set(meshConfig: mesh)
    bench.store.put(
      .authorizationPolicy(
        Object(
          metadata: ObjectMeta(name: "a", namespace: "edge"),
          spec: AuthorizationPolicy(rules: [
            .init(
              sources: (0..<60).map { [.namespaces(Membership(anyOf: [WildcardText("n\($0)")]))] },
              peerConditions: [
                .principals(Membership(anyOf: [TextPattern("cluster.local/ns/a/sa/b")]))
              ])
          ]), place: Place(file: "t", line: 1, column: 1))))
    let bytes = try #require(bench.listeners.values.first)
    #expect(bytes.count < 2_000_000)
  }

  /// As many sources as conditions: one for each pair of them would fill memory.
  @Test func aWideRuleIsWordedOnce() throws {
    let bench = ListenerBench([Self.gateway(ports: 1, named: "g")])
    let values = (0..<2000).map { "v\($0)" }
    bench.store.put(
      .authorizationPolicy(
        Object(
          metadata: ObjectMeta(name: "a", namespace: "edge"),
          spec: AuthorizationPolicy(rules: [
            .init(
              sources: values.map { [.namespaces(Membership(anyOf: [WildcardText($0)]))] },
              operations: [[.paths(Membership(anyOf: [PathPattern("/a")]))]],
              peerConditions: [.header("x", Membership(anyOf: values.map(TextPattern.init)))])
          ]), place: Place(file: "t", line: 1, column: 1))))
    let bytes = try #require(bench.listeners.values.first)
    #expect(bytes.count < 1_000_000)
  }
}
