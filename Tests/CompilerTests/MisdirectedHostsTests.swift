import Compiler
import Diagnostics
import Documents
import EnvoyAPI
import Mesh
import Resources
import Store
import Testing

/// 421 for other servers' hosts: who is told of them, and at what cost. What is answered when is for
/// Cases/route-misdirected.
@Suite struct MisdirectedHostsTests {
  private static func object<Spec: ResourceSpec>(_ spec: Spec, _ name: String) -> Object<Spec> {
    Object(
      metadata: ObjectMeta(name: name, namespace: "edge"), spec: spec,
      place: Place(file: "t", line: 1, column: 1))
  }

  /// A Gateway with one HTTPS server for one host, and its VirtualService.
  private static func server(_ number: Int, path: String = "/") -> [Resource] {
    [
      .gateway(
        object(
          Gateway(
            selector: ["istio": "ingressgateway"],
            servers: [
              .init(
                port: .init(
                  number: 443, name: "https", portProtocol: .https, protocolText: "HTTPS"),
                hosts: [ServerHost(host: "h\(number).example.com")],
                tls: .init(mode: .simple, certificates: .credentials(["c\(number)"])))
            ]), "g\(number)")),
      virtualService(number, path: path),
    ]
  }

  private static func virtualService(_ number: Int, path: String) -> Resource {
    .virtualService(
      object(
        VirtualService(
          hosts: ["h\(number).example.com"],
          gateways: [.gateway(namespace: "edge", name: "g\(number)")],
          http: [
            HTTPRoute(
              matches: [HTTPMatchRequest(uri: .prefix(path))],
              action: .redirect(.init(authority: "elsewhere.example.com")))
          ]), "v\(number)"))
  }

  /// The domains that each route configuration answers 421 for.
  private static func misdirected(_ bench: RouteBench) throws -> [[String]] {
    let type = try #require(MessageType(named: "envoy.config.route.v3.RouteConfiguration"))
    return try bench.configurations().values.map { bytes in
      try type.node(from: bytes).get()["virtualHosts"]?.items.flatMap { host in
        host["name"]?.word?.hasPrefix("misdirected:") == true
          ? host["domains"]?.items.compactMap(\.word) ?? [] : []
      } ?? []
    }
  }

  @Test(arguments: [
    (MeshModel.MisdirectedRequests.auto, false, true), (.auto, true, false), (.on, true, true),
    (.off, false, false),
  ])
  func stockEnvoysAreToldUnlessTheFlagSaysOtherwise(
    flag: MeshModel.MisdirectedRequests, isIstios: Bool, isTold: Bool
  ) throws {
    let bench = RouteBench(
      (0..<2).flatMap { Self.server($0) }, options: .init(misdirectedRequests: flag),
      istioVersion: isIstios ? .newest : nil)
    let expected = [["h1.example.com"], ["h0.example.com"]]
    #expect(Set(try Self.misdirected(bench)) == (isTold ? Set(expected) : [[]]))
  }

  @Test func pastTheLimitAServerAnswersForWhateverIsNotItsOwn() throws {
    let most = RouteBench((0..<128).flatMap { Self.server($0) })
    #expect(try Self.misdirected(most).allSatisfy { $0.count == 127 })
    let more = RouteBench((0..<129).flatMap { Self.server($0) })
    #expect(try Self.misdirected(more).allSatisfy { $0 == ["*"] })
  }

  @Test func anEditedRouteDoesNotAskForOthersHostsAgain() {
    let bench = RouteBench((0..<100).flatMap { Self.server($0) })
    _ = bench.configurations()
    let before = bench.store.graph.computed
    #expect(bench.store.put(Self.virtualService(7, path: "/new")))
    _ = bench.configurations()
    let counts = bench.store.graph.computed.merging(before) { $0 - $1 }.filter { $0.value > 0 }
    #expect(counts["ownedHosts"] == nil && counts["misdirectedHosts"] == nil, "\(counts)")
    #expect(counts["routeConfiguration"] == 1 && counts["virtualHostPlans"] == nil, "\(counts)")
  }
}

extension Node {
  fileprivate var word: String? { if case .string(let text) = content { text } else { nil } }
}
