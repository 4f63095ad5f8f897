internal import Incremental
package import Store

/// What the configuration of a filter is called that proxies ask for by name.
package enum ExtensionName: Digested, Sendable {
  /// A module of a WasmPlugin or TrafficExtension.
  case attached(NamespacedName)
  /// One with a name of its own.
  case fixed(String)

  /// The name on the wire.
  package var text: String {
    switch self {
    case .attached(let id): "extensions.istio.io/trafficextension/\(id.namespace).\(id.name)"
    case .fixed(let name): name
    }
  }
}
