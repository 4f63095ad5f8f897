import Compiler
import Diagnostics
import Mesh
import Resources
import Store
import Testing

/// What is computed again after an edit is what the edit touches.
@Suite struct RouteGranularityTests {
  private static let size = 2_000

  private static func object<Spec: ResourceSpec>(
    _ spec: Spec, _ namespace: String, _ name: String
  ) -> Object<Spec> {
    Object(
      metadata: ObjectMeta(name: name, namespace: namespace), spec: spec,
      place: Place(file: "t", line: 1, column: 1))
  }

  private static func virtualService(
    _ number: Int, host: String? = nil, path: String = "/", service: Int? = nil
  ) -> Resource {
    .virtualService(
      object(
        VirtualService(
          hosts: [host ?? "h\(number).example.com"],
          gateways: [.gateway(namespace: "edge", name: "g")],
          http: [
            HTTPRoute(
              matches: [HTTPMatchRequest(uri: .prefix(path))],
              action: .route([.init(destination: Destination(host: "s\(service ?? number)"))]))
          ]), "shop", "v\(number)"))
  }

  private static func service(_ number: Int, port: Int = 80) -> Resource {
    .service(
      object(Service(clusterIP: "10.0.0.1", ports: [.init(port: port)]), "shop", "s\(number)"))
  }

  private static func rule(_ number: Int, header: String) -> Resource {
    .destinationRule(
      object(
        DestinationRule(
          host: "s\(number)",
          trafficPolicy: TrafficPolicy(
            loadBalancer: .init(policy: .consistentHash(.init(key: .httpHeaderName(header)))))),
        "shop", "d\(number)"))
  }

  private static func bench() -> RouteBench {
    let port = Gateway.Port(
      number: 80, name: "http", portProtocol: .http, protocolText: "HTTP")
    let gateway = Gateway(
      selector: ["istio": "ingressgateway"],
      servers: [Gateway.Server(port: port, hosts: [ServerHost(host: "*")])])
    let bench = RouteBench(
      [.gateway(object(gateway, "edge", "g"))]
        + (0..<size).flatMap { [service($0), virtualService($0)] })
    _ = bench.configurations()
    _ = bench.references
    return bench
  }

  /// How often each function was computed for `edit` and for reading all that is served.
  private static func recomputed(
    _ bench: RouteBench, after edit: Resource
  ) -> [String: Int] {
    let before = bench.store.graph.computed
    #expect(bench.store.put(edit))
    _ = bench.configurations()
    _ = bench.references
    return bench.store.graph.computed
      .map { ($0.key, $0.value - before[$0.key, default: 0]) }.filter { $0.1 > 0 }
      .reduce(into: [:]) { $0[$1.0] = $1.1 }
  }

  @Test func anEditedRouteIsEncodedAgainAndNothingElse() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench, after: Self.virtualService(7, path: "/new"))
    #expect(
      counts == [
        "routeList": 1, "routeList.reach": 1,
        "routeList.references": 1, "virtualHost": 1, "routeConfiguration": 1,
      ])
  }

  @Test func anEditThatChangesNothingOnTheWireEndsWhereItComesOutEqual() {
    let bench = Self.bench()
    var edit = Self.virtualService(7)
    if case .virtualService(let object) = edit {
      var metadata = object.metadata
      metadata.annotations["note"] = "x"
      edit = .virtualService(
        Object(
          metadata: metadata, spec: object.spec,
          place: object.place))
    }
    #expect(
      Self.recomputed(bench, after: edit) == ["routeList": 1])
  }

  @Test func aMovedVirtualServiceTouchesTheHostItLeavesAndTheOneItJoins() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench, after: Self.virtualService(7, host: "h8.example.com"))
    #expect(counts["routeList"] == 1)
    #expect(counts["virtualHost"] == 1)
    #expect(counts["virtualHostPlans"] == 1)
    #expect(counts.values.reduce(0, +) < 15, "\(counts)")
  }

  @Test func anAddedVirtualServiceLeavesTheOthersAlone() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench, after: Self.virtualService(Self.size))
    // For any server, and then for the one there is: to a service that nobody knows, its port decides.
    #expect(counts["routeList"] == 2)
    #expect(counts["virtualHost"] == 1)
    #expect(counts.values.reduce(0, +) < 20, "\(counts)")
  }

  @Test func aServicesPortReachesTheRoutesThatNameIt() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench, after: Self.service(7, port: 81))
    #expect(counts["routeList"] == 1)
    #expect(counts["virtualHost"] == 1)
    #expect(counts["routes.references"] == 1)
    #expect(counts.values.reduce(0, +) < 20, "\(counts)")
  }

  @Test func aDestinationRulesHashReachesTheRoutesToItsHost() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench, after: Self.rule(7, header: "x-user"))
    #expect(counts["routeList"] == 1)
    #expect(counts["virtualHost"] == 1)
    #expect(counts["virtualHostPlans"] == nil)
    #expect(counts.values.reduce(0, +) < 20, "\(counts)")
  }
}
