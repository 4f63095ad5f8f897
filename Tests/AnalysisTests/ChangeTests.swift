import Analysis
import Diagnostics
import Incremental
import Mesh
import Resources
import Store
import TestSupport
import Testing

/// Findings after changes: what changing leads to is what starting over finds, at a cost that follows
/// the change.
@Suite struct ChangeTests {
  @Test(arguments: UInt64(0)..<20) func oneChangeAtATimeEqualsStartingOver(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let store = ObjectStore(Graph())
    let analysis = MeshAnalysis(MeshModel(store, options: .init()))
    var objects: [ObjectName: Resource] = [:]
    for step in 1...60 {
      let resource = RandomObject.resource(using: &random)
      if Bool.random(using: &random) || objects[resource.name] == nil {
        objects[resource.name] = resource
        store.put(resource)
      } else if let kind = Kind(rawValue: resource.name.kind) {
        objects[resource.name] = nil
        store.remove(
          kind,
          NamespacedName(namespace: resource.name.namespace, name: resource.name.name))
      }
      // Settling forgets what nobody needs; findings are asked for now and then only.
      if step.isMultiple(of: 3) { store.graph.settle() }
      guard step.isMultiple(of: 2) else { continue }
      let fresh = ObjectStore(Graph())
      for (_, resource) in objects { fresh.put(resource) }
      let found = analysis.diagnostics().map(\.summary)
      let expected = MeshAnalysis(MeshModel(fresh, options: .init())).diagnostics().map(\.summary)
      #expect(
        found == expected,
        "seed \(seed), step \(step): \(found.difference(from: expected).map { "\($0)" })")
    }
  }

  @Test func anEditCostsWhatItTouches() {
    let store = Self.storeWithService()
    let analysis = MeshAnalysis(MeshModel(store, options: .init()))
    store.put(.gateway(Self.object("edge", Gateway(servers: [RandomObject.server(80, "*.test")]))))
    for number in 0..<200 {
      store.put(Self.route(number, to: "cart"))
    }
    #expect(analysis.diagnostics().count == 200)
    store.graph.settle()
    let before = store.graph.computed["analysis of VirtualService"] ?? 0
    store.put(Self.route(7, to: "pay"))
    store.graph.settle()
    #expect(store.graph.computed["analysis of VirtualService"] == before)
    #expect(analysis.diagnostics().filter { $0.problem.contains("host pay") }.count == 1)
    #expect(store.graph.computed["analysis of VirtualService"] == before + 1)
    // A server's certificate is nothing to routes.
    let server = RandomObject.server(80, "*.test", name: "other")
    store.put(.gateway(Self.object("edge", Gateway(servers: [server]))))
    _ = analysis.diagnostics()
    #expect(store.graph.computed["analysis of VirtualService"] == before + 1)
  }

  /// In steps or at once, and whatever changes between the steps.
  @Test func stepsComeToTheSame() {
    let store = ObjectStore(Graph())
    let analysis = MeshAnalysis(MeshModel(store, options: .init()))
    for number in 0..<300 { store.put(Self.route(number, to: "cart")) }
    var steps = 0
    while analysis.prepare() {
      steps += 1
      store.put(Self.route(steps, to: "pay"))
      store.graph.settle()
    }
    #expect(steps > 20)
    let computed = store.graph.computed["analysis of VirtualService"] ?? 0
    #expect((300...300 + steps).contains(computed))
    let expected = MeshAnalysis(MeshModel(store, options: .init())).diagnostics()
    #expect(analysis.diagnostics() == expected && !expected.isEmpty)
  }

  @Test func whatMovesInItsFileIsFoundWhereItIsNow() {
    let store = Self.storeWithService()
    let analysis = MeshAnalysis(MeshModel(store, options: .init()))
    store.put(Self.route(1, to: "cart", line: 5))
    #expect(analysis.diagnostics().map(\.place.line) == [5, 5, 7])
    store.put(Self.route(1, to: "cart", line: 15))
    #expect(analysis.diagnostics().map(\.place.line) == [15, 15, 17])
  }

  /// A mesh whose Services are known.
  private static func storeWithService() -> ObjectStore {
    let store = ObjectStore(Graph())
    store.put(.service(object("other", Service(ports: [.init(name: "http", port: 80)]))))
    return store
  }

  /// A route of the Gateway edge to a service that is not there.
  private static func route(_ number: Int, to host: String, line: Int = 1) -> Resource {
    let position = SourcePosition(line: Int32(line + 2), column: 1)
    let destination = Destination(host: host, position: position)
    return .virtualService(
      object(
        "vs-\(number)",
        VirtualService(
          hosts: ["h\(number).test"], gateways: [.gateway(namespace: "shop", name: "edge")],
          http: [HTTPRoute(action: .route([HTTPRouteDestination(destination: destination)]))]),
        line: line))
  }

  fileprivate static func object<Spec>(
    _ name: String, namespace: String = "shop", created: Int64? = nil,
    labels: [String: String] = [:], _ spec: Spec, line: Int = 1
  ) -> Object<Spec> {
    Object(
      metadata: ObjectMeta(
        name: name, namespace: namespace, labels: labels,
        creationTimestamp: created.map { Timestamp(secondsSince1970: $0) }),
      spec: spec, place: Place(file: "mesh.yaml", line: line, column: 1))
  }
}

/// Objects from small pools of names, so that they meet often.
private enum RandomObject {
  static func server(_ port: Int, _ host: String, name: String? = nil) -> Gateway.Server {
    Gateway.Server(
      name: name,
      port: .init(number: port, name: "p\(port)", portProtocol: .http, protocolText: "HTTP"),
      hosts: [ServerHost(host: host)])
  }

  static func resource(using random: inout SeededRandom) -> Resource {
    let name = one(of: ["a", "b", "c"], &random)
    let namespace = one(of: ["shop", "bank"], &random)
    func object<Spec>(_ spec: Spec, labels: [String: String] = [:]) -> Object<Spec> {
      ChangeTests.object(
        name, namespace: namespace, created: Int64.random(in: 1...3, using: &random),
        labels: labels, spec)
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return .gateway(object(gateway(using: &random)))
    case 1, 2: return .virtualService(object(routes(using: &random)))
    case 3: return .destinationRule(object(rule(using: &random)))
    case 4: return .service(object(service(using: &random)))
    case 5: return .pod(object(Pod(), labels: labels(using: &random)))
    case 6: return .serviceEntry(object(entry(using: &random)))
    default: return .sidecar(object(Sidecar(workloadSelector: maybeLabels(using: &random))))
    }
  }

  private static func gateway(using random: inout SeededRandom) -> Gateway {
    var servers = [
      server(one(of: [80, 81], &random), one(of: ["*", "x.test", "*.test"], &random))
    ]
    if Bool.random(using: &random) {
      let host = one(of: ["x.test", "y.test"], &random)
      servers.append(
        Gateway.Server(
          port: .init(number: 443, name: "https", portProtocol: .https, protocolText: "HTTPS"),
          hosts: [ServerHost(host: host)],
          tls: ServerTLSSettings(
            mode: .simple, certificates: .credentials([one(of: ["s", "t"], &random)]))))
    }
    return Gateway(selector: labels(using: &random), servers: servers)
  }

  private static func routes(using random: inout SeededRandom) -> VirtualService {
    let destination = Destination(
      host: one(of: ["a", "b.bank.svc.cluster.local", "x.test"], &random),
      subset: one(of: [nil, "v1", "v2"], &random), port: one(of: [nil, 80, 81], &random))
    let match = HTTPMatchRequest(
      uri: .prefix(one(of: ["/1", "/2"], &random)), port: one(of: [nil, 80, 443], &random))
    let mesh: [GatewayReference] = [.mesh]
    return VirtualService(
      hosts: [one(of: ["x.test", "*.test", "a"], &random)],
      gateways: Bool.random(using: &random)
        ? mesh
        : [
          .gateway(
            namespace: one(of: ["shop", "bank"], &random), name: one(of: ["a", "b"], &random))
        ],
      http: [
        HTTPRoute(
          matches: Bool.random(using: &random) ? [match] : [],
          action: .route([HTTPRouteDestination(destination: destination)])),
        HTTPRoute(action: .delegate(.init(name: one(of: ["a", "c"], &random)))),
      ],
      exportTo: one(of: [[], [.everyone], [.ownNamespace]], &random))
  }

  private static func rule(using random: inout SeededRandom) -> DestinationRule {
    DestinationRule(
      host: one(of: ["a", "b.bank.svc.cluster.local", "x.test"], &random),
      trafficPolicy: Bool.random(using: &random) ? TrafficPolicy(tls: .init(mode: .simple)) : nil,
      subsets: [.init(name: one(of: ["v1", "v2"], &random), labels: labels(using: &random))])
  }

  private static func service(using random: inout SeededRandom) -> Service {
    Service(
      ports: [.init(name: "http", port: 80), .init(name: "x", port: one(of: [81, 443], &random))],
      selector: labels(using: &random))
  }

  private static func entry(using random: inout SeededRandom) -> ServiceEntry {
    ServiceEntry(
      hosts: [one(of: ["x.test", "*.test"], &random)],
      ports: [
        .init(number: 443, name: "p", portProtocol: one(of: [.tls, .http, .tcp], &random))
      ],
      exportTo: one(of: [[], [.ownNamespace]], &random))
  }

  private static func labels(using random: inout SeededRandom) -> [String: String] {
    one(of: [["app": "x"], ["app": "y"], ["app": "x", "version": "v1"]], &random)
  }

  private static func maybeLabels(using random: inout SeededRandom) -> [String: String]? {
    Bool.random(using: &random) ? nil : labels(using: &random)
  }

  private static func one<Value>(of values: [Value], _ random: inout SeededRandom) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }
}
