internal import EnvoyAPI
internal import Mesh

/// What the WasmPlugins and TrafficExtensions attached to a class of proxies put in the filter chains
/// of one port (istiod's `pilot/pkg/networking/core/extension`).
struct ExtensionFilters {
  /// Where in a chain an extension stands.
  enum Phase: Hashable, CaseIterable {
    case authn, authz, stats, unspecified
  }

  private let model: MeshModel
  private let proxies: ProxyClass
  private let port: Int

  init(_ model: MeshModel, _ proxies: ProxyClass, port: Int) {
    self.model = model
    self.proxies = proxies
    self.port = port
  }

  func http(_ phase: Phase) -> [Envoy.HttpFilter] { [] }
  func network(_ phase: Phase) -> [Envoy.Filter] { [] }
}
