import Diagnostics
import Incremental
import Mesh
import Resources
import Store
import Testing

@Suite struct VirtualServiceTests {
  private let store = ObjectStore(Graph())
  private let model: MeshModel
  private static let gateway = NamespacedName(namespace: "edge", name: "g")
  private static let bound = GatewayReference.gateway(namespace: "edge", name: "g")

  init() { model = MeshModel(store, options: MeshModel.Options()) }

  private func put(
    _ namespace: String, _ name: String, created: Int64? = nil, _ spec: VirtualService
  ) {
    let metadata = ObjectMeta(
      name: name, namespace: namespace,
      creationTimestamp: created.map { Timestamp(secondsSince1970: $0) })
    store.put(
      .virtualService(
        Object(
          metadata: metadata, spec: spec,
          place: Place(file: "t", line: 1, column: 1))))
  }

  private func http(
    exportTo: [ExportTarget] = [], gateways: [GatewayReference] = [Self.bound],
    hosts: [String] = ["a.com"]
  ) -> VirtualService {
    VirtualService(
      hosts: hosts, gateways: gateways,
      http: [HTTPRoute(action: .directResponse(HTTPDirectResponse(status: 200)))],
      exportTo: exportTo)
  }

  private func names(from namespace: String, layer: RouteLayer = .http) -> [String] {
    model.virtualServices.bound(to: Self.gateway, visibleTo: namespace, layer: layer)
      .map(\.id.description)
  }

  @Test func whatIsPrivateComesBeforeWhatIsExportedAndThatBeforeWhatAllSee() {
    put("shop", "public", created: 1, http())
    put("shop", "everyone", created: 0, http(exportTo: [.everyone, .namespace("x")]))
    put("shop", "exported", created: 2, http(exportTo: [.namespace("edge")]))
    put("edge", "private", created: 3, http(exportTo: [.ownNamespace]))
    put("edge", "named", created: 2, http(exportTo: [.namespace("edge")]))
    put("shop", "hidden", http(exportTo: [.nobody, .namespace("edge")]))
    put("shop", "elsewhere", http(gateways: [.mesh]))
    #expect(
      names(from: "edge") == [
        "edge/named", "edge/private", "shop/exported", "shop/everyone", "shop/public",
      ])
    #expect(names(from: "shop") == ["shop/everyone", "shop/public"])
    #expect(names(from: "edge", layer: .tcp).isEmpty)
  }

  @Test func theMeshSaysWhoSeesAVirtualServiceThatDoesNot() {
    put("edge", "a", http())
    put("shop", "b", http())
    #expect(names(from: "edge") == ["edge/a", "shop/b"])
    store.set(meshConfig: MeshConfig(defaultVirtualServiceExportTo: [.ownNamespace]))
    #expect(names(from: "edge") == ["edge/a"])
    store.set(
      meshConfig: MeshConfig(defaultVirtualServiceExportTo: [.ownNamespace, .namespace("edge")]))
    #expect(names(from: "edge") == ["edge/a", "shop/b"])
    #expect(names(from: "shop") == ["shop/b"])
    store.set(meshConfig: MeshConfig(defaultVirtualServiceExportTo: [.ownNamespace, .everyone]))
    #expect(names(from: "shop") == ["edge/a", "shop/b"])
    store.set(meshConfig: MeshConfig(defaultVirtualServiceExportTo: [.nobody]))
    #expect(names(from: "edge").isEmpty)
  }

  @Test func aGatewayNamedTwiceBindsTwice() {
    put("edge", "a", http(gateways: [Self.bound, .mesh, Self.bound]))
    put("edge", "delegate", http(hosts: []))
    #expect(names(from: "edge") == ["edge/a", "edge/a"])
    put("edge", "a", http(gateways: [Self.bound]))
    #expect(names(from: "edge") == ["edge/a"])
  }

  private func server(_ hosts: [String], port: Int = 9000) -> ServerScope {
    ServerScope(
      gateway: Self.gateway, hosts: hosts.map { ServerHost(host: $0) }, port: port,
      visibleTo: "edge")
  }

  @Test func connectionsFollowTheFirstRuleThatFitsThePortAndTheGateway() throws {
    func tcp(_ host: String, _ matches: [L4MatchAttributes]) -> TCPRoute {
      TCPRoute(matches: matches, route: [.init(destination: Destination(host: host))])
    }
    put(
      "shop", "a",
      VirtualService(
        hosts: ["*.com"], gateways: [Self.bound],
        tcp: [
          tcp("other-port", [.init(port: 9001)]),
          tcp("other-gateway", [.init(gateways: [.mesh])]),
          tcp("right", [.init(port: 9001), .init(port: 9000, sourceLabels: ["a": "b"])]),
        ]))
    let route = try #require(model.virtualServices.tcpRoute(server(["db.com"])))
    #expect(route.destinations.map(\.destination.host) == ["right.shop.svc.cluster.local"])
    #expect(route.virtualService.description == "shop/a")
    #expect(model.virtualServices.tcpRoute(server(["db.org"])) == nil)
    #expect(model.virtualServices.tcpRoute(server(["db.com"], port: 9002)) == nil)
  }

  @Test func everyTLSMatchOfEveryVirtualServiceGivesARoute() {
    func tls(_ sniHosts: [String], port: Int? = nil) -> TLSRoute {
      TLSRoute(
        matches: [.init(sniHosts: sniHosts, port: port)],
        route: [.init(destination: Destination(host: "s"))])
    }
    put(
      "shop", "b",
      VirtualService(
        hosts: ["a.com"], gateways: [Self.bound], tls: [tls(["b.com", "a.com"]), tls(["c.com"])]))
    put(
      "shop", "a",
      VirtualService(hosts: ["*"], gateways: [Self.bound], tls: [tls(["d.com"], port: 1)]))
    let routes = model.virtualServices.tlsRoutes(server(["*"]))
    #expect(routes.map(\.sniHosts) == [["a.com", "b.com"], ["c.com"]])
  }
}
