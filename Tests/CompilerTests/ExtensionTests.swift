import Compiler
import Diagnostics
import Documents
import EnvoyAPI
import Mesh
import Resources
import Store
import TLS
import Testing

/// What is sent of modules beyond what goldens show.
@Suite struct ExtensionTests {
  private static func object<Spec>(_ spec: Spec, _ name: String) -> Object<Spec> {
    Object(
      metadata: ObjectMeta(name: name, namespace: "edge"), spec: spec,
      place: Place(file: "t", line: 1, column: 1))
  }

  private static func plugin(_ module: WasmModule) -> Resource {
    .wasmPlugin(object(WasmPlugin(meaning: TrafficExtension(program: .wasm(module))), "p"))
  }

  private static func secret(type: String) -> Resource {
    .secret(
      object(
        Secret(type: type, data: [".dockerconfigjson": SecretBytes(Array("hunter2".utf8))]), "pull")
    )
  }

  private static let image = WasmModule(source: .image(url: "oci://a/b"), imagePullSecret: "pull")

  private static func environment(
    _ bench: ListenerBench, _ proxies: ProxyClass
  ) throws -> Node? {
    let type = try #require(MessageType(named: "envoy.config.core.v3.TypedExtensionConfig"))
    let name = try #require(bench.compilation.extensions.names(proxies).first)
    let body = try #require(bench.compilation.extensions.bodies(ResourceKey(proxies, name)))
    let node = try type.node(from: body.flattened()).get()
    let machine = node["typedConfig"]?["config"]?["vmConfig"]
    return machine?["environmentVariables"]?["keyValues"]?["ISTIO_META_WASM_IMAGE_PULL_SECRET"]
  }

  @Test func imagesArePulledWithWhatIsForImagesByWhoMayHaveIt() throws {
    let bench = ListenerBench([
      Self.plugin(Self.image), Self.secret(type: "kubernetes.io/dockerconfigjson"),
    ])
    #expect(try Self.environment(bench, bench.proxies())?.content == .string("hunter2"))
    let unproven = bench.proxies(mayHaveSecrets: false)
    #expect(try Self.environment(bench, unproven)?.content == .string(""))
    #expect(bench.model.policies.extensions.diagnostics(bench.proxies()).isEmpty)

    bench.store.put(Self.secret(type: "Opaque"))
    #expect(try Self.environment(bench, bench.proxies())?.content == .string(""))
    let said = bench.model.policies.extensions.diagnostics(bench.proxies())
    #expect(said.map(\.field) == ["imagePullSecret"])
  }

  /// Of an object that Kubernetes counts the versions of, it is that count.
  @Test func aModuleFromAFileIsKnownByWhatItSays() throws {
    func version(_ module: WasmModule) throws -> String {
      let bench = ListenerBench([Self.plugin(module)])
      let bytes = try #require(bench.extensions.values.first)
      let type = try #require(MessageType(named: "envoy.config.core.v3.TypedExtensionConfig"))
      let node = try type.node(from: bytes).get()
      let values = node["typedConfig"]?["config"]?["vmConfig"]?["environmentVariables"]?[
        "keyValues"]
      return try #require(values?["ISTIO_META_WASM_PLUGIN_RESOURCE_VERSION"]).json()
    }
    var changed = Self.image
    changed.configuration = "{}"
    #expect(try version(Self.image) == version(Self.image))
    #expect(try version(Self.image) != version(changed))
  }

  private static func stock(_ bench: ListenerBench) -> ProxyClass {
    let node = ProxyNode(
      type: .router, id: "gateway.edge", ipAddresses: ["10.0.0.9"],
      dnsDomain: "edge.svc.cluster.local", configNamespace: "edge", istioVersion: nil,
      metadata: NodeMetadata(raw: [:]))
    return bench.model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
  }

  @Test func aStockEnvoyFetchesWhatItCanCheckFromAClusterOfItsOwn() throws {
    let address = WebAddress(
      url: "https://x.com/m.wasm", usesTLS: true, host: "x.com", port: 443)
    let checked = WasmModule(source: .http(address), sha256: String(repeating: "a", count: 64))
    let bench = ListenerBench([Self.plugin(checked)])
    let proxies = Self.stock(bench)
    #expect(
      bench.compilation.clusters.names(proxies).map(\.text).contains("extensions|443|https|x.com"))
    #expect(bench.model.policies.extensions.diagnostics(proxies).isEmpty)
    let ofIstio = bench.compilation.clusters.names(bench.proxies()).map(\.text)
    #expect(!ofIstio.contains { $0.hasPrefix("extensions") })

    bench.store.put(Self.plugin(WasmModule(source: .http(address))))
    #expect(
      !bench.compilation.clusters.names(proxies).map(\.text).contains { $0.hasPrefix("extensions") }
    )
    let said = bench.model.policies.extensions.diagnostics(proxies)
    #expect(said.map(\.field) == ["url"])
    #expect(said.first?.effect?.contains("no traffic passes") == true)
  }
}
