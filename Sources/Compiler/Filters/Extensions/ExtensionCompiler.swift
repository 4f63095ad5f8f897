internal import EnvoyAPI
internal import Incremental
package import Mesh
internal import Resources
internal import Segments
internal import Store

/// The configurations of extensions, each a resource of its own: a module that changes makes no
/// listener again.
package final class ExtensionCompiler {
  package let extensions: ResourceTable<ExtensionName>

  /// Who a configuration is for, as far as it says so.
  private struct Key: Digested {
    let id: NamespacedName
    let reader: WasmConfig.Reader
  }

  package init(_ model: MeshModel) {
    let graph = model.graph
    let bodies = Derived<Key, Rope?>(graph, "extensionConfig") { key in
      guard case .wasm(let module)? = model.policies.extensions.named(key.id)?.spec.program else {
        return nil
      }
      let version = model.policies.extensions.named(key.id)?.spec.resourceVersion
      return Rope(
        WasmConfig(
          key.id, module, resourceVersion: version, reader: key.reader, model.store
        ).resource)
    }
    extensions = ResourceTable(
      names: Derived(graph, "extensionNames") { proxies in
        let attached = model.policies.extensions.attached(proxies).filter {
          $0.spec.isWasm && $0.mayBeFor(.client)
        }.map { ExtensionName.attached($0.id) }
        return ExtensionPatches(model, proxies).names(beside: attached) + attached
      },
      bodies: Derived(graph, "extensionOfClass") { key in
        switch key.name {
        case .attached(let id): bodies(Key(id: id, reader: .init(key.proxies.traits)))
        case .fixed(let name): ExtensionPatches(model, key.proxies).body(name)
        }
      },
      text: \.text)
  }
}

extension ExtensionCompiler {
  /// The clusters that a class without an agent fetches modules from, sorted.
  static func hosts(_ model: MeshModel, _ proxies: ProxyClass) -> [ClusterName] {
    guard proxies.traits.istioVersion == nil else { return [] }
    let hosts = model.policies.extensions.attached(proxies).compactMap { attached in
      if case .wasm(let module) = attached.spec.program, attached.mayBeFor(.client),
        module.sha256 != nil, case .http(let address) = module.source
      {
        ClusterName.extensionHost(address)
      } else {
        nil
      }
    }
    return Set(hosts).sorted()
  }
}

extension TrafficExtension {
  fileprivate var isWasm: Bool {
    switch program {
    case .wasm: true
    case .lua: false
    }
  }
}
