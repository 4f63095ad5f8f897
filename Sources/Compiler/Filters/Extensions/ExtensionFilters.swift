internal import EnvoyAPI
internal import Mesh
internal import Resources

/// What the WasmPlugins and TrafficExtensions attached to a class of proxies put in the filter chains
/// of one port (istiod's `pilot/pkg/networking/core/extension`).
struct ExtensionFilters {
  private let extensions: [ExtensionPlacement]

  init(_ model: MeshModel, _ proxies: ProxyClass, port: Int) {
    extensions = model.policies.extensions.placed(proxies).filter {
      $0.isFor(.client, port: port)
    }
  }

  func http(_ phase: TrafficExtension.Phase) -> [Envoy.HttpFilter] {
    extensions.filter { $0.phase == phase }.compactMap { placement in
      let name = ExtensionName.attached(placement.id).text
      switch placement.filter {
      case .script(let script):
        return .filter(
          name, Envoy.Lua(defaultSourceCode: .init(specifier: .inlineString(script))))
      case .httpModule:
        let types = [Envoy.Wasm.messageType, Envoy.HTTPRBAC.messageType]
        return .init(name: name, configType: .configDiscovery(.extensionConfigs(types)))
      case .networkModule: return nil
      }
    }
  }

  func network(_ phase: TrafficExtension.Phase) -> [Envoy.Filter] {
    extensions.filter { $0.phase == phase && $0.filter == .networkModule }.map { placement in
      let types = [Envoy.NetworkWasm.messageType, Envoy.NetworkRBAC.messageType]
      return .init(
        name: ExtensionName.attached(placement.id).text,
        configType: .configDiscovery(.extensionConfigs(types)))
    }
  }

  /// All there are before a filter that reads requests.
  var network: [Envoy.Filter] {
    [.authn, .authz, .stats, .unspecified].flatMap { network($0) }
  }
}

extension WasmModule {
  var isNetworkFilter: Bool { type == .network }
}

extension Envoy.ExtensionConfigSource {
  /// Without a time limit: what an extension guards stays shut until it is there.
  fileprivate static func extensionConfigs(
    _ types: [MessageType]
  ) -> Envoy.ExtensionConfigSource {
    .init(configSource: .ads, typeUrls: types.map(\.url))
  }
}
