import Compiler
import Diagnostics
import Incremental
import Mesh
import Resources
import Store
import Testing

/// Which Secrets and ConfigMaps have to be read: whatever a proxy could be sent.
@Suite struct SecretDemandTests {
  @Test(arguments: GoldenCase.all(with: "proxy.yaml"))
  func whatProxiesAreSentIsAskedFor(_ golden: GoldenCase) throws {
    let model = try golden.model()
    let proxies = try golden.proxy(in: model)
    let demand = SecretDemand(model).objects
    let isAskedFor = { (id: NamespacedName) in
      [id.namespace, ""].contains {
        demand.secrets.contains(NamespacedName(namespace: $0, name: id.name))
      }
    }
    for name in Compilation(model, sendsAllClusters: true).secrets.names(proxies) {
      switch name.source {
      case .secret(let id), .gatewaySecret(let id): #expect(isAskedFor(id))
      case .configMap(let id): #expect(demand.configMaps.contains(id))
      }
    }
  }

  private static func object<Spec: ResourceSpec>(_ spec: Spec, _ name: String) -> Object<Spec> {
    Object(
      metadata: ObjectMeta(name: name, namespace: "edge"), spec: spec,
      place: Place(file: "t", line: 1, column: 1))
  }

  private static func gateway(_ tls: ServerTLSSettings) -> Resource {
    .gateway(
      object(
        Gateway(servers: [
          .init(
            port: .init(number: 443, name: "p", portProtocol: .https, protocolText: "HTTPS"),
            hosts: [ServerHost(host: "h.com")], tls: tls)
        ]), "g"))
  }

  private func demand(_ resources: [Resource]) -> [String] {
    let store = ObjectStore(Graph())
    let model = MeshModel(store, options: MeshModel.Options())
    for resource in resources { store.put(resource) }
    let objects = SecretDemand(model).objects
    return objects.secrets.map { "\($0)" }.sorted()
      + objects.configMaps.map { "configmap \($0)" }.sorted()
  }

  @Test func aGatewaysCredentialsAreInTheProxiesNamespace() {
    let simple = Self.gateway(
      ServerTLSSettings(mode: .simple, certificates: .credentials(["a", "x/b", "configmap://c/d"])))
    #expect(demand([simple]) == ["/a", "x/b", "configmap c/d"])
    let mutual = Self.gateway(
      ServerTLSSettings(mode: .mutual, certificates: .credentials(["a"])))
    #expect(demand([mutual]) == ["/a", "/a-cacert"])
  }

  @Test func aRulesCredentialsAreThoseOfAllItsPolicies() {
    let tls = { ClientTLSSettings(mode: .simple, credentialName: $0) }
    let rule = DestinationRule(
      host: "s.com",
      trafficPolicy: TrafficPolicy(
        tls: tls("a"), portLevelSettings: [.init(port: 80, tls: tls("p"))]),
      subsets: [.init(name: "v", trafficPolicy: TrafficPolicy(tls: tls("s")))])
    #expect(
      demand([.destinationRule(Self.object(rule, "r"))]) == [
        "/a", "/a-cacert", "/p", "/p-cacert", "/s", "/s-cacert",
      ])
  }

  @Test func aModuleIsPulledWithASecretOfItsOwnNamespace() {
    let module = WasmModule(source: .image(url: "oci://x"), imagePullSecret: "pull")
    let plugin = WasmPlugin(meaning: TrafficExtension(program: .wasm(module)))
    #expect(demand([.wasmPlugin(Self.object(plugin, "w"))]) == ["edge/pull"])
  }

  @Test func ofNoReferenceNothingIsAskedFor() {
    #expect(
      demand([Self.gateway(ServerTLSSettings(mode: .passthrough, certificates: .none))]).isEmpty)
    #expect(demand([]).isEmpty)
  }
}
