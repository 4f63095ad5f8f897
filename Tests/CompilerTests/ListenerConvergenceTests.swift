import Compiler
import Diagnostics
import Mesh
import Resources
import Store
import Testing

@Suite struct ListenerConvergenceTests {
  /// One change at a time gives the bytes that starting over gives, whatever order the objects then
  /// arrive in.
  @Test(arguments: UInt64(0)..<30) func oneEditAtATimeEqualsStartingOver(seed: UInt64) {
    var mesh = RandomMesh(seed: seed)
    let incremental = ListenerBench()
    for step in 1...40 {
      let edit = mesh.edit()
      edit.apply(to: incremental.store)
      if step % 3 == 0 { continue }
      let again = ListenerBench(mesh.shuffled())
      // Compared here and not in the expectation, which would print the bytes.
      let isEqual = incremental.listeners == again.listeners
      #expect(isEqual, "seed \(seed), step \(step): \(edit)")
      let hasSecrets = incremental.secrets == again.secrets
      #expect(hasSecrets, "seed \(seed), step \(step): \(edit)")
      let hasExtensions = incremental.extensions == again.extensions
      #expect(hasExtensions, "seed \(seed), step \(step): \(edit)")
      if step % 5 == 0 { incremental.store.graph.settle() }
    }
  }

  private static func gateway(servers: Int, changed: Int? = nil) -> Resource {
    let servers = (0..<servers).map { number in
      Gateway.Server(
        port: .init(
          number: 443, name: "p\(number)", portProtocol: .https, protocolText: "HTTPS"),
        hosts: [ServerHost(host: number == changed ? "new.com" : "h\(number).com")],
        tls: ServerTLSSettings(mode: .simple, certificates: .credentials(["c\(number)"])))
    }
    return .gateway(
      Object(
        metadata: ObjectMeta(name: "g", namespace: "edge"),
        spec: Gateway(selector: ["istio": "ingressgateway"], servers: servers),
        place: Place(file: "t", line: 1, column: 1)))
  }

  @Test func anEditedServerIsEncodedAgainAndNoOther() {
    let bench = ListenerBench([Self.gateway(servers: 500)])
    _ = bench.listeners
    _ = bench.secrets
    let counts = bench.recomputed {
      bench.store.put(Self.gateway(servers: 500, changed: 7))
    }
    #expect(counts["filterChain"] == 1)
    #expect(counts["httpConnectionManager"] == nil)
    #expect(counts["listener"] == 1)
    #expect(counts.values.reduce(0, +) < 15, "\(counts)")
  }

  @Test func whatTheMeshSaysOfOtherThingsMakesNoChainAgain() {
    let bench = ListenerBench([Self.gateway(servers: 500)])
    _ = bench.listeners
    _ = bench.secrets
    let counts = bench.recomputed {
      var mesh = bench.store.meshConfig
      mesh.connectTimeout = .seconds(3)
      bench.store.set(meshConfig: mesh)
    }
    #expect(counts["filterChain"] == nil)
    #expect(counts["secret"] == nil)
    #expect(counts.values.reduce(0, +) < 30, "\(counts)")
  }

  private static func object<Spec>(_ spec: Spec, namespace: String = "edge") -> Object<Spec> {
    Object(
      metadata: ObjectMeta(name: "x", namespace: namespace), spec: spec,
      place: Place(file: "t", line: 1, column: 1))
  }

  private static func telemetry(logs filter: String, namespace: String = "edge") -> Resource {
    .telemetry(
      object(
        Telemetry(accessLogging: [.init(providers: ["envoy"], filter: filter)]),
        namespace: namespace))
  }

  @Test func anEditedTelemetryChangesTheConnectionManagerThatAllChainsShare() {
    let bench = ListenerBench([Self.gateway(servers: 500), Self.telemetry(logs: "a")])
    _ = bench.recomputed {}
    let counts = bench.recomputed { bench.store.put(Self.telemetry(logs: "b")) }
    #expect(counts["httpConnectionManager"] == 1)
    #expect(counts["listener"] == 1)
    #expect(counts["filterChain"] == 500)
    #expect(counts.values.reduce(0, +) < 530, "\(counts)")
    let elsewhere = bench.recomputed {
      bench.store.put(Self.telemetry(logs: "c", namespace: "shop"))
    }
    #expect(elsewhere.values.reduce(0, +) < 5, "\(elsewhere)")
  }

  private static func plugin(configuration: String, priority: Int = 0) -> Resource {
    .wasmPlugin(
      object(
        WasmPlugin(
          meaning: TrafficExtension(
            priority: priority,
            program: .wasm(
              WasmModule(source: .image(url: "oci://a/b"), configuration: configuration))))))
  }

  @Test func anEditedModuleIsAnExtensionAnewAndNoListener() {
    let bench = ListenerBench([Self.gateway(servers: 500), Self.plugin(configuration: "a")])
    _ = bench.recomputed { _ = bench.extensions }
    let counts = bench.recomputed {
      bench.store.put(Self.plugin(configuration: "b"))
      _ = bench.extensions
    }
    #expect(counts["extensionConfig"] == 1)
    #expect(counts["filterChain"] == nil)
    #expect(counts["listener"] == nil)
    #expect(counts.values.reduce(0, +) < 15, "\(counts)")
  }
}
