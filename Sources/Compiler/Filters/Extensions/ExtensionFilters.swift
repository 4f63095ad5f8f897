internal import EnvoyAPI
internal import Mesh
internal import Resources

/// What the WasmPlugins and TrafficExtensions attached to a class of proxies put in the filter chains
/// of one port (istiod's `pilot/pkg/networking/core/extension`).
struct ExtensionFilters {
  private let extensions: [AttachedExtension]

  init(_ model: MeshModel, _ proxies: ProxyClass, port: Int) {
    extensions = model.policies.extensions.attached(proxies).filter {
      $0.isFor(.client, port: port)
    }
  }

  func http(_ phase: TrafficExtension.Phase) -> [Envoy.HttpFilter] {
    extensions(of: phase).compactMap { attached in
      let name = ExtensionName.attached(attached.id).text
      switch attached.spec.program {
      case .lua(let script):
        return .filter(
          name, Envoy.Lua(defaultSourceCode: .init(specifier: .inlineString(script))))
      case .wasm(let module):
        guard !module.isNetworkFilter else { return nil }
        let types = [Envoy.Wasm.messageType, Envoy.HTTPRBAC.messageType]
        return .init(name: name, configType: .configDiscovery(.extensionConfigs(types)))
      }
    }
  }

  func network(_ phase: TrafficExtension.Phase) -> [Envoy.Filter] {
    extensions(of: phase).compactMap { attached in
      guard case .wasm(let module) = attached.spec.program, module.isNetworkFilter else {
        return nil
      }
      let types = [Envoy.NetworkWasm.messageType, Envoy.NetworkRBAC.messageType]
      return .init(
        name: ExtensionName.attached(attached.id).text,
        configType: .configDiscovery(.extensionConfigs(types)))
    }
  }

  /// All there are before a filter that reads requests.
  var network: [Envoy.Filter] {
    [.authn, .authz, .stats, .unspecified].flatMap { network($0) }
  }

  /// The highest priority first, then in the order they are attached in.
  private func extensions(of phase: TrafficExtension.Phase) -> [AttachedExtension] {
    extensions.filter { $0.spec.phase == phase }.enumerated().sorted { a, b in
      let (mine, theirs) = (a.element.spec.priority ?? .min, b.element.spec.priority ?? .min)
      return mine == theirs ? a.offset < b.offset : mine > theirs
    }.map(\.element)
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
