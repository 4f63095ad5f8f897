import Compiler
import Documents
import EnvoyAPI
import Incremental
import Mesh
import Resources
import Segments
import Store
import TestSupport
import Testing

/// A mesh, its route compiler, and a gateway proxy of namespace `edge`.
struct RouteBench {
  let store: ObjectStore
  let model: MeshModel
  let compiler: RouteCompiler

  let istioVersion: IstioVersion?

  init(
    _ resources: [Resource] = [], options: MeshModel.Options = .init(),
    istioVersion: IstioVersion? = nil
  ) {
    self.istioVersion = istioVersion
    store = ObjectStore(Graph())
    model = MeshModel(store, options: options)
    compiler = RouteCompiler(model)
    for resource in resources { store.put(resource) }
  }

  var proxies: ProxyClass {
    let node = ProxyNode(
      type: .router, id: "gateway.edge", ipAddresses: ["10.0.0.9"],
      dnsDomain: "edge.svc.cluster.local", configNamespace: "edge",
      istioVersion: istioVersion,
      metadata: NodeMetadata(labels: ["istio": "ingressgateway"], raw: [:]))
    return model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
  }

  /// The bytes of all route configurations, by name.
  func configurations() -> [String: [UInt8]] {
    var configurations: [String: [UInt8]] = [:]
    for name in compiler.routes.names(proxies) {
      configurations[compiler.routes.text(name)] =
        compiler.routes.bodies(ResourceKey(proxies, name))?.flattened()
    }
    return configurations
  }

  var references: [ClusterName] { compiler.references(proxies) }

  /// The clusters that the configurations name, read back from their bytes.
  func clustersNamed() -> Set<String> {
    let type = MessageType(named: "envoy.config.route.v3.RouteConfiguration")!
    var found: Set<String> = []
    func visit(_ node: Node, isWeight: Bool) {
      switch node.content {
      case .mapping(let entries):
        for entry in entries {
          if case .string(let text) = entry.value.content,
            entry.key == "cluster" || (isWeight && entry.key == "name")
          {
            found.insert(text)
          }
          visit(entry.value, isWeight: entry.key == "clusters")
        }
      case .sequence(let nodes): for node in nodes { visit(node, isWeight: isWeight) }
      default: break
      }
    }
    for bytes in configurations().values {
      if case .success(let node) = type.node(from: bytes) { visit(node, isWeight: false) }
    }
    return found
  }
}

@Suite struct RouteConvergenceTests {
  /// One change at a time gives the bytes that starting over gives, whatever order the objects then
  /// arrive in.
  @Test(arguments: UInt64(0)..<60) func oneEditAtATimeEqualsStartingOver(seed: UInt64) {
    var mesh = RandomMesh(seed: seed)
    let incremental = RouteBench()
    for step in 1...40 {
      let edit = mesh.edit()
      edit.apply(to: incremental.store)
      if step % 3 == 0 { continue }
      let again = RouteBench(mesh.shuffled())
      // Compared here and not in the expectation, which would print the bytes.
      let isEqual = incremental.configurations() == again.configurations()
      #expect(isEqual, "seed \(seed), step \(step): \(edit)")
      #expect(incremental.references == again.references, "seed \(seed), step \(step): \(edit)")
      #expect(
        Set(incremental.references.map(\.text)) == incremental.clustersNamed(),
        "seed \(seed), step \(step): \(edit)")
      if step % 5 == 0 { incremental.store.graph.settle() }
    }
  }
}
