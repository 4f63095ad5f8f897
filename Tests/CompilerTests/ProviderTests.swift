import Compiler
import Documents
import EnvoyAPI
import Mesh
import Resources
import Segments
import Testing

/// The providers of MeshConfig that logs and spans go to by default: each as istiod words it.
@Suite struct ProviderTests {
  private let model: MeshModel
  private let listeners: ListenerCompiler
  private let proxies: ProxyClass
  private let expected: Node

  init() throws {
    let golden = try #require(GoldenCase.all(with: "providers.json").first)
    model = try golden.model()
    listeners = ListenerCompiler(model)
    proxies = try golden.proxy(in: model)
    expected = try #require(try golden.documents("providers.json").first).root
  }

  /// The one listener, and the connection manager in it.
  private func listener(
    _ providers: MeshConfig.DefaultProviders
  ) throws -> (listener: Node, manager: Node) {
    var mesh = model.store.meshConfig
    mesh.defaultProviders = providers
    model.store.set(meshConfig: mesh)
    let type = try #require(MessageType(named: "envoy.config.listener.v3.Listener"))
    let name = try #require(listeners.listeners.names(proxies).first)
    let body = try #require(listeners.listeners.bodies(ResourceKey(proxies, name)))
    let listener = try type.node(from: body.flattened()).get()
    let chain = try #require(listener["filterChains"]?.items.first)
    let filter = try #require(chain["filters"]?.items.last)
    return (listener, try #require(filter["typedConfig"]))
  }

  private static func configs(_ logs: Node?) -> [Node] {
    (logs?.items ?? []).compactMap { $0["typedConfig"]?.withSortedKeys }
  }

  @Test(arguments: [
    "als", "tcp-als", "otel-log", "text-log", "json-log", "json-empty",
  ])
  func logsAreWrittenAsIstiodWritesThem(_ name: String) throws {
    let (listener, manager) = try listener(.init(accessLogging: [name]))
    let config = try #require(expected[name]).withSortedKeys
    #expect(Self.configs(manager["accessLog"]).map(\.text) == [config.text])
    #expect(Self.configs(listener["accessLog"]).map(\.text) == [config.text])
    let filter = listener["accessLog"]?.items.first?["filter"]?["responseFlagFilter"]
    #expect(filter?["flags"]?.items.map(\.content) == [.string("NR")])
    let references = listeners.references(proxies).map(\.text)
    let clusters = ["als": 9001, "tcp-als": 9001, "otel-log": 4317][name].map { port in
      ["outbound|\(port)||\(name == "otel-log" ? "otel" : "als").obs.svc.cluster.local"]
    }
    #expect(references == clusters ?? [])
  }

  @Test func logsOfSeveralProvidersComeByTheirNames() throws {
    let (_, manager) = try listener(.init(accessLogging: ["tcp-als", "ALS", "dead", "zip"]))
    #expect(
      manager["accessLog"]?.items.map { $0["name"]?.content } == [
        .string("envoy.access_loggers.http_grpc"), .string("envoy.tcp_grpc_access_log"),
      ])
  }

  @Test func whereNoProviderIsUsableTheMeshsOwnLogIsWritten() throws {
    var mesh = model.store.meshConfig
    mesh.accessLog.file = "/dev/stdout"
    model.store.set(meshConfig: mesh)
    let (_, manager) = try listener(.init(accessLogging: ["dead", "nothing"]))
    #expect(
      Self.configs(manager["accessLog"]).map { $0["path"]?.content } == [.string("/dev/stdout")])
  }

  @Test(arguments: ["zip", "otel-grpc", "otel-http", "dd", "sky"])
  func spansAreSentAsIstiodSendsThem(_ name: String) throws {
    let (_, manager) = try listener(.init(tracing: [name]))
    let tracing = try #require(manager["tracing"])
    let provider = try #require(expected[name]).withSortedKeys
    #expect(tracing["provider"]?.withSortedKeys.text == provider.text)
    #expect(tracing["spawnUpstreamSpan"]?.content == .bool(true))
    let length: Int64 = ["zip": 99, "otel-grpc": 128, "dd": 50][name] ?? 64
    #expect(tracing["maxPathTagLength"]?.content == .integer(length))
    #expect(listeners.references(proxies).count == 1)
  }

  @Test(arguments: ["dead", "prometheus", "nothing"])
  func aTracerThatIsNoneTurnsTracingOff(_ name: String) throws {
    let (_, manager) = try listener(.init(tracing: [name]))
    #expect(manager["tracing"] == nil)
  }

  @Test func eachPrometheusProviderIsAFilter() throws {
    func count(_ names: [String]) throws -> Int {
      try listener(.init(metrics: names)).manager["httpFilters"]?.items
        .count { $0["name"]?.content == .string("istio.stats") } ?? 0
    }
    #expect(try count([]) == 0)
    #expect(try count(["prometheus"]) == 1)
    #expect(try count(["prom2", "prometheus", "zip", "nothing"]) == 2)
  }
}

extension Node {
  var items: [Node] {
    if case .sequence(let items) = content { items } else { [] }
  }
  fileprivate var text: String { String(decoding: jsonBytes(.indented), as: UTF8.self) }
}
