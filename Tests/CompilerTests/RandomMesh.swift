import Diagnostics
import Mesh
import Resources
import Store
import TestSupport

/// Objects with few names, so that hosts collide, gateways share ports and rules hit the same service.
struct RandomMesh {
  enum Edit {
    case put(Resource)
    case remove(Kind, NamespacedName)

    func apply(to store: ObjectStore) {
      switch self {
      case .put(let resource): store.put(resource)
      case .remove(let kind, let id): store.remove(kind, id)
      }
    }
  }

  private(set) var objects: [String: Resource] = [:]
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// All that is there, in a random order.
  mutating func shuffled() -> [Resource] {
    objects.sorted { $0.key < $1.key }.map(\.value).shuffled(using: &random)
  }

  mutating func edit() -> Edit {
    let kinds: [Kind] = [
      .virtualService, .virtualService, .gateway, .destinationRule, .service,
      .requestAuthentication, .authorizationPolicy, .telemetry, .wasmPlugin, .trafficExtension,
    ]
    let kind = pick(kinds)
    let id = NamespacedName(
      namespace: pick(["edge", "shop"]), name: pick(["a", "b", "c", "d"]))
    let key = "\(kind) \(id)"
    if objects[key] != nil, chance(4) {
      objects[key] = nil
      return .remove(kind, id)
    }
    let resource = resource(kind, id)
    objects[key] = resource
    return .put(resource)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements.randomElement(using: &random)!
  }
  mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }
  mutating func some<Element>(_ elements: [Element]) -> [Element] {
    let chosen = elements.filter { _ in chance(2) }
    return chosen.isEmpty ? [pick(elements)] : chosen
  }

  private mutating func resource(_ kind: Kind, _ id: NamespacedName) -> Resource {
    let metadata = ObjectMeta(
      name: id.name, namespace: id.namespace,
      creationTimestamp: chance(2) ? Timestamp(secondsSince1970: pick([10, 20, 30])) : nil)
    func object<Spec: ResourceSpec>(_ spec: Spec) -> Object<Spec> {
      Object(
        metadata: metadata, spec: spec,
        place: Place(file: "t", line: 1, column: 1))
    }
    switch kind {
    case .gateway: return .gateway(object(gateway()))
    case .authorizationPolicy: return .authorizationPolicy(object(authorizationPolicy()))
    case .destinationRule: return .destinationRule(object(destinationRule()))
    case .requestAuthentication:
      return .requestAuthentication(object(requestAuthentication()))
    case .telemetry: return .telemetry(object(telemetry()))
    case .wasmPlugin:
      return .wasmPlugin(object(WasmPlugin(meaning: trafficExtension(.wasm(module())))))
    case .trafficExtension:
      return .trafficExtension(
        object(trafficExtension(chance(2) ? .wasm(module()) : .lua(pick(["a()", "b()"])))))
    case .service:
      return .service(
        object(Service(clusterIP: "10.0.0.1", ports: some([80, 81]).map { .init(port: $0) })))
    default: return .virtualService(object(virtualService()))
    }
  }

  private mutating func requestAuthentication() -> RequestAuthentication {
    RequestAuthentication(
      attachment: PolicyAttachment(
        selector: pick([nil, ["istio": "ingressgateway"], ["istio": "other"]])),
      jwtRules: some(["x", "y"]).map { issuer in
        JWTRule(
          issuer: issuer,
          keys: chance(2) ? .inline("{\"keys\":[]}") : .fetched(.discovery(issuer: issuer)))
      })
  }

  private mutating func gateway() -> Gateway {
    let servers = (0..<Int.random(in: 1...3, using: &random)).map { index -> Gateway.Server in
      let isHTTPS = chance(3)
      let text = isHTTPS ? "HTTPS" : "HTTP"
      return Gateway.Server(
        port: .init(
          number: pick([80, 8080]) + (isHTTPS ? 363 : 0), name: pick(["p", "q"]),
          portProtocol: PortProtocol(parsing: text), protocolText: text),
        hosts: some(["*", "*.com", "a.com", "A.com", "shop/b.com"]).map { text in
          text == "shop/b.com"
            ? ServerHost(namespace: "shop", host: "b.com") : ServerHost(host: text)
        },
        tls: isHTTPS
          ? ServerTLSSettings(mode: .simple, certificates: .credentials(["c"]))
          : chance(3) ? ServerTLSSettings(httpsRedirect: true) : nil)
    }
    return Gateway(servers: servers)
  }

  private mutating func authorizationPolicy() -> AuthorizationPolicy {
    AuthorizationPolicy(
      attachment: PolicyAttachment(selector: ["istio": pick(["ingressgateway", "other"])]),
      action: pick([.allow, .deny, .audit, .custom(provider: "p")]),
      rules: (0..<Int.random(in: 0...2, using: &random)).map { _ in
        .init(
          sources: [[.principals(Membership(anyOf: [TextPattern(pick(["a/ns/b/sa/c", "*"]))]))]],
          operations: chance(2)
            ? [] : [[.paths(Membership(noneOf: [PathPattern(pick(["/a", "/b"]))]))]])
      }, isDryRun: chance(4))
  }

  private mutating func virtualService() -> VirtualService {
    VirtualService(
      hosts: chance(5) ? [] : some(["a.com", "b.com", "*.com", "A.com", "a"]),
      gateways: some([
        .mesh, .gateway(namespace: "edge", name: "a"), .gateway(namespace: "edge", name: "b"),
        .gateway(namespace: "shop", name: "a"),
      ]),
      http: (0..<Int.random(in: 0...3, using: &random)).map { _ in httpRoute() },
      exportTo: chance(2) ? [] : some([.everyone, .ownNamespace, .namespace("edge")]))
  }

  private mutating func httpRoute() -> HTTPRoute {
    let destinations = some(["a", "b", "c.shop.svc.cluster.local"]).map { host in
      HTTPRouteDestination(
        destination: Destination(host: host, subset: chance(3) ? "v1" : nil),
        weight: pick([0, 1, 3]))
    }
    let mirror = Destination(host: pick(["a", "mirror.example.com"]), port: chance(2) ? 9 : nil)
    return HTTPRoute(
      name: chance(2) ? nil : "r",
      matches: some([
        HTTPMatchRequest(uri: .prefix("/")), HTTPMatchRequest(uri: .exact("/x")),
        HTTPMatchRequest(uri: .prefix("/x"), port: 80),
      ]),
      action: chance(4)
        ? .delegate(.init(name: pick(["a", "b"]), namespace: pick(["edge", "shop"])))
        : .route(destinations),
      mirrors: chance(3)
        ? [HTTPMirrorPolicy(destination: mirror, percentage: pick([nil, 0, 12.5]))] : [])
  }

  private mutating func destinationRule() -> DestinationRule {
    DestinationRule(
      host: pick(["a", "b", "*.shop.svc.cluster.local"]),
      trafficPolicy: chance(2)
        ? TrafficPolicy(
          loadBalancer: .init(
            policy: .consistentHash(.init(key: .httpHeaderName(pick(["x", "y"]))))))
        : nil,
      exportTo: chance(2) ? [] : [.ownNamespace])
  }
}
