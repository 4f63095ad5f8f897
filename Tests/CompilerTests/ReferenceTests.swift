import Compiler
import Documents
import EnvoyAPI
import Foundation
import Mesh
import Segments
import Testing

/// What a listener names is there to be asked for.
@Suite struct ReferenceTests {
  @Test(arguments: GoldenCase.all(with: "in.yaml"))
  func routesAndSecretsThatListenersNameAreServed(_ golden: GoldenCase) throws {
    let model = try golden.model()
    let proxies = try golden.proxy(in: model)
    let compilation = Compilation(model, sendsAllClusters: true)
    let type = try #require(MessageType(named: "envoy.config.listener.v3.Listener"))
    let routes = Set(compilation.routes.names(proxies).map(\.text))
    let secrets = Set(compilation.secrets.names(proxies).map(\.text))
    for name in compilation.listeners.names(proxies) {
      guard let body = compilation.listeners.bodies(ResourceKey(proxies, name)) else { continue }
      let named = Named(in: try type.node(from: body.flattened()).get())
      #expect(named.routes.isSubset(of: routes), "\(name.text)")
      let missing = named.secrets.subtracting(secrets).filter { !Self.isOfOthers($0) }
      #expect(missing == [], "\(name.text)")
    }
  }

  /// With `--gateway-clusters referenced` a gateway is sent the clusters that it can reach, and no others.
  @Test(arguments: GoldenCase.all(with: "in.yaml"))
  func exactlyTheClustersThatSomethingNamesAreSent(_ golden: GoldenCase) throws {
    let model = try golden.model()
    let proxies = try golden.proxy(in: model)
    guard proxies.traits.type == .router else { return }
    let all = Compilation(model, sendsAllClusters: true)
    let named = all.bytesThatNameClusters(proxies)
    let sent = Set(Compilation(model, sendsAllClusters: false).clusters.names(proxies).map(\.text))
    for name in all.clusters.names(proxies).map(\.text) where name.hasPrefix("outbound") {
      #expect(sent.contains(name) == named.holds(name), "\(name)")
    }
  }

  /// Nothing answers to these names: they are for proxies of another namespace, or for none.
  private static func isOfOthers(_ secret: String) -> Bool {
    secret == "invalid://" || secret.split(separator: "/").count > 2
  }

  /// The route configurations and secrets that the control plane is asked for.
  private struct Named {
    var routes: Set<String> = []
    var secrets: Set<String> = []

    init(in node: Node) { collect(node) }

    private mutating func collect(_ node: Node) {
      switch node.content {
      case .mapping(let entries):
        if node["sdsConfig"]?["ads"] != nil, case .string(let name)? = node["name"]?.content {
          secrets.insert(name)
        }
        if case .string(let name)? = node["routeConfigName"]?.content { routes.insert(name) }
        for entry in entries { collect(entry.value) }
      case .sequence(let items): for item in items { collect(item) }
      case .null, .bool, .integer, .number, .string: break
      }
    }
  }
}

extension Compilation {
  fileprivate func bytesThatNameClusters(_ proxies: ProxyClass) -> Data {
    let listeners = listeners.names(proxies).map { self.listeners.bodies(ResourceKey(proxies, $0)) }
    let routes = routes.names(proxies).map { self.routes.bodies(ResourceKey(proxies, $0)) }
    return Data((listeners + routes).flatMap { $0?.flattened() ?? [] })
  }
}

extension Data {
  /// As protobuf writes a text: its length before it, here up to the longest of one byte.
  fileprivate func holds(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    precondition(bytes.count < 128, "the case has a name too long to look for")
    return range(of: Data([UInt8(bytes.count)] + bytes)) != nil
  }
}
