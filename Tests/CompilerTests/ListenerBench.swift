import Compiler
import Incremental
import Mesh
import Resources
import Store

/// A mesh and all that Istio's gateways of a namespace are sent of it.
struct ListenerBench {
  let store: ObjectStore
  let model: MeshModel
  let compilation: Compilation

  init(_ resources: [Resource] = []) {
    store = ObjectStore(Graph())
    model = MeshModel(store, options: MeshModel.Options())
    compilation = Compilation(model, sendsAllClusters: true)
    for resource in resources { store.put(resource) }
  }

  func proxies(
    namespace: String = "edge", mayHaveSecrets: Bool = true, hasCredentialSocket: Bool = false
  ) -> ProxyClass {
    let node = ProxyNode(
      type: .router, id: "gateway.\(namespace)", ipAddresses: ["10.0.0.9"],
      dnsDomain: "\(namespace).svc.cluster.local", configNamespace: namespace,
      istioVersion: .newest,
      metadata: NodeMetadata(
        labels: ["istio": "ingressgateway"], hasCredentialSocket: hasCredentialSocket, raw: [:]))
    return model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: mayHaveSecrets))
  }

  var listeners: [String: [UInt8]] { bytes(compilation.listeners, proxies()) }
  var extensions: [String: [UInt8]] { bytes(compilation.extensions, proxies()) }
  var secrets: [String: [UInt8]] { bytes(compilation.secrets, proxies()) }

  func secretNames(_ proxies: ProxyClass) -> [String] {
    compilation.secrets.names(proxies).map(\.text)
  }

  /// By name, of what is there.
  private func bytes<Name>(
    _ table: ResourceTable<Name>, _ proxies: ProxyClass
  ) -> [String: [UInt8]] {
    table.names(proxies).reduce(into: [:]) { bytes, name in
      bytes[table.text(name)] = table.bodies(ResourceKey(proxies, name))?.flattened()
    }
  }

  /// How often each function was computed for `edit` and for reading listeners and secrets.
  func recomputed(after edit: () -> Void) -> [String: Int] {
    let before = store.graph.computed
    edit()
    _ = listeners
    _ = secrets
    return store.graph.computed.map { ($0.key, $0.value - before[$0.key, default: 0]) }
      .filter { $0.1 > 0 }.reduce(into: [:]) { $0[$1.0] = $1.1 }
  }
}
