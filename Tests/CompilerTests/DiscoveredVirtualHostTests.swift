import Compiler
import Diagnostics
import Documents
import EnvoyAPI
import Incremental
import Mesh
import Resources
import Segments
import Store
import Testing

/// Virtual hosts as resources of their own, against the route configurations of everyone else.
@Suite struct DiscoveredVirtualHostTests {
  private static func virtualService(_ number: Int, path: String = "/") -> Resource {
    .virtualService(
      Object(
        metadata: ObjectMeta(name: "v\(number)", namespace: "shop"),
        spec: VirtualService(
          hosts: ["h\(number).example.com"], gateways: [.gateway(namespace: "edge", name: "g")],
          http: [
            HTTPRoute(
              matches: [HTTPMatchRequest(uri: .prefix(path))],
              action: .route([.init(destination: Destination(host: "s\(number)", port: 80))]))
          ]),
        place: Place(file: "t", line: 1, column: 1)))
  }

  private static func model(count: Int) -> MeshModel {
    let store = ObjectStore(Graph())
    let port = Gateway.Port(number: 80, name: "http", portProtocol: .http, protocolText: "HTTP")
    store.put(
      .gateway(
        Object(
          metadata: ObjectMeta(name: "g", namespace: "edge"),
          spec: Gateway(
            selector: [:], servers: [.init(port: port, hosts: [ServerHost(host: "*")])]),
          place: Place(file: "t", line: 1, column: 1))))
    for number in 0..<count { store.put(virtualService(number)) }
    return MeshModel(store, options: .init())
  }

  private static func proxies(_ model: MeshModel, takesVirtualHosts: Bool) -> ProxyClass {
    let node = ProxyNode(
      type: .router, id: "gateway.edge", ipAddresses: ["10.0.0.9"],
      dnsDomain: "edge.svc.cluster.local", configNamespace: "edge",
      metadata: NodeMetadata(raw: [:]))
    return model.proxies.proxyClass(
      ConnectedProxy(node, mayHaveSecrets: true, takesVirtualHosts: takesVirtualHosts))
  }

  private static func nodes<Name>(
    _ table: ResourceTable<Name>, _ proxies: ProxyClass, _ type: String
  ) throws -> [String: Node] {
    let type = try #require(MessageType(named: type))
    return try table.names(proxies).reduce(into: [:]) { nodes, name in
      let body = try #require(table.bodies(ResourceKey(proxies, name)))
      nodes[table.text(name)] = try type.node(from: body.flattened()).get()
    }
  }

  @Test func theyAreTheRouteConfigurationsOwnButForTheirNames() throws {
    let model = Self.model(count: 5)
    let routes = RouteCompiler(model)
    let whole = try Self.nodes(
      routes.routes, Self.proxies(model, takesVirtualHosts: false),
      "envoy.config.route.v3.RouteConfiguration")
    let taking = Self.proxies(model, takesVirtualHosts: true)
    let bare = try Self.nodes(
      routes.routes, taking, "envoy.config.route.v3.RouteConfiguration")
    let hosts = try Self.nodes(
      routes.virtualHosts, taking, "envoy.config.route.v3.VirtualHost")
    #expect(whole.keys == bare.keys)
    for (name, configuration) in whole {
      #expect(bare[name]?["virtualHosts"] == nil && bare[name]?["vhds"] != nil)
      guard case .sequence(let expected)? = configuration["virtualHosts"]?.content else {
        Issue.record("\(name) has no virtual hosts")
        continue
      }
      #expect(expected.count == hosts.count)
      for host in expected {
        let text = try #require(host["name"])
        guard case .string(let own) = text.content else { continue }
        let discovered = try #require(hosts["\(name)/\(own)"])
        #expect(discovered["name"]?.content == .string("\(name)/\(own)"))
        #expect(discovered["domains"] == host["domains"])
        #expect(discovered["routes"] == host["routes"])
      }
    }
    let others = routes.virtualHosts.names(Self.proxies(model, takesVirtualHosts: false))
    #expect(others.isEmpty)
  }

  /// However many hosts there are, and with no route configuration among what is made again.
  @Test(arguments: [10, 2_000]) func anEditMakesOneAgain(count: Int) {
    let model = Self.model(count: count)
    let routes = RouteCompiler(model)
    let proxies = Self.proxies(model, takesVirtualHosts: true)
    let read = {
      for name in routes.routes.names(proxies) {
        _ = routes.routes.bodies(ResourceKey(proxies, name))
      }
      for name in routes.virtualHosts.names(proxies) {
        _ = routes.virtualHosts.bodies(ResourceKey(proxies, name))
      }
    }
    read()
    let before = model.graph.computed
    model.store.put(Self.virtualService(7, path: "/new"))
    read()
    let counts = model.graph.computed.filter { $0.value > before[$0.key, default: 0] }
      .mapValues { _ in 1 }
    #expect(
      counts == ["routeList": 1, "routeList.reach": 1, "discoveredVirtualHost": 1])
    let total = model.graph.computed.values.reduce(0, +) - before.values.reduce(0, +)
    #expect(total == 3)
  }
}
