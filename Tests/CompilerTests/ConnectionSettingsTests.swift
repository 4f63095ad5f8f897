import Compiler
import Documents
import EnvoyAPI
import Mesh
import Resources
import Segments
import Store
import Testing

/// ProxyConfig.connectionSettings on a gateway's listener and connection manager.
@Suite struct ConnectionSettingsTests {
  private static let bench = [
    Resource.gateway(
      Object(
        metadata: ObjectMeta(name: "g", namespace: "edge"),
        spec: Gateway(servers: [
          .init(
            port: .init(number: 80, name: "p", portProtocol: .http, protocolText: "HTTP"),
            hosts: [ServerHost(host: "*")])
        ]),
        place: .init(file: "t", line: 1, column: 1)))
  ]

  private func listener(_ settings: ProxyConfig.ConnectionSettings) throws -> Node {
    let bench = ListenerBench(Self.bench)
    var mesh = bench.store.meshConfig
    mesh.defaultConfig.connectionSettings = settings
    bench.store.set(meshConfig: mesh)
    let type = try #require(MessageType(named: "envoy.config.listener.v3.Listener"))
    return try type.node(from: try #require(bench.listeners["0.0.0.0_80"])).get()
  }

  private func manager(_ listener: Node) throws -> Node {
    let filters = try #require(listener["filterChains"]?.items.first?["filters"])
    return try #require(filters.items.last?["typedConfig"])
  }

  private static func json(_ node: Node?) -> String {
    node.map { String(decoding: $0.withSortedKeys.jsonBytes(.compact), as: UTF8.self) } ?? "nil"
  }

  /// Envoy's own advice for the edge (istiod's `applyEdgeProfileDefaults`).
  @Test func theEdgeProfileFillsWhatIsNotSaid() throws {
    let listener = try listener(.init(profile: .edge, httpStreamIdleTimeout: .seconds(7)))
    let manager = try manager(listener)
    #expect(listener["perConnectionBufferLimitBytes"]?.content == .integer(32768))
    #expect(
      Self.json(manager["commonHttpProtocolOptions"])
        == #"{"headersWithUnderscoresAction":"REJECT_REQUEST","idleTimeout":"3600s"}"#)
    #expect(
      Self.json(manager["http2ProtocolOptions"])
        == #"{"initialConnectionWindowSize":1048576,"initialStreamWindowSize":65536,"#
        + #""maxConcurrentStreams":100}"#)
    #expect(manager["streamIdleTimeout"]?.content == .string("7s"))
    #expect(manager["requestTimeout"]?.content == .string("300s"))
    #expect(manager["requestHeadersTimeout"]?.content == .string("60s"))
    #expect(manager["mergeSlashes"]?.content == .bool(true))
    #expect(
      manager["pathWithEscapedSlashesAction"]?.content == .string("UNESCAPE_AND_REDIRECT"))
  }

  @Test func aNegativeAmountIsNone() throws {
    let listener = try listener(
      .init(
        listenerPerConnectionBufferLimitBytes: -1, httpMaxConcurrentStreams: -5,
        http2InitialStreamWindowSize: 70000, httpHeadersWithUnderscoresAction: .allow))
    let manager = try manager(listener)
    #expect(listener["perConnectionBufferLimitBytes"] == nil)
    #expect(Self.json(manager["http2ProtocolOptions"]) == #"{"initialStreamWindowSize":70000}"#)
    #expect(Self.json(manager["commonHttpProtocolOptions"]) == "{}")
    #expect(manager["pathWithEscapedSlashesAction"]?.content == .string("KEEP_UNCHANGED"))
    #expect(manager["streamIdleTimeout"]?.content == .string("0s"))
  }

  /// Written in any order and form (istiod's `MeshNetworksToEnvoyInternalAddressConfig`).
  @Test func networksAreInternalAddressesInTheOrderOfTheirNumbers() throws {
    let bench = ListenerBench(Self.bench)
    bench.store.set(
      meshNetworks: MeshNetworks(networks: [
        Named(
          name: "n",
          value: .init(endpoints: [
            .fromCIDR("2001:DB8:0::/32"), .fromCIDR("10.200.0.0/16"), .fromCIDR("10.70.0.0/16"),
            .fromRegistry("Kubernetes"), .fromCIDR("9.9.9.9"),
          ]))
      ]))
    let type = try #require(MessageType(named: "envoy.config.listener.v3.Listener"))
    let listener = try type.node(from: try #require(bench.listeners["0.0.0.0_80"])).get()
    let ranges = try manager(listener)["internalAddressConfig"]?["cidrRanges"]?.items ?? []
    #expect(
      ranges.map { Self.json($0) } == [
        #"{"addressPrefix":"9.9.9.9","prefixLen":32}"#,
        #"{"addressPrefix":"10.70.0.0","prefixLen":16}"#,
        #"{"addressPrefix":"10.200.0.0","prefixLen":16}"#,
        #"{"addressPrefix":"2001:db8::","prefixLen":32}"#,
      ])
  }
}
