import Compiler
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

  init(_ resources: [Resource] = []) {
    store = ObjectStore(Graph())
    model = MeshModel(store, options: MeshModel.Options())
    compiler = RouteCompiler(model)
    for resource in resources { store.put(resource) }
  }

  var proxies: ProxyClass {
    let node = ProxyNode(
      type: .router, id: "gateway.edge", ipAddresses: ["10.0.0.9"],
      dnsDomain: "edge.svc.cluster.local", configNamespace: "edge",
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
      if step % 5 == 0 { incremental.store.graph.settle() }
    }
  }
}
