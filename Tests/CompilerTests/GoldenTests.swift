import Compiler
import Testing

/// What istiod sends for the same mesh and proxy. The cases that have requests.yaml are of stock Envoys:
/// theirs is what the real one was asked with (Tests/EndToEnd/Python/landing).
@Suite struct GoldenTests {
  @Test(arguments: GoldenCase.all(with: "routes.json"))
  func routesAreIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "routes.json", in: RouteCompiler(model).routes, for: golden.proxy(in: model),
      type: "envoy.config.route.v3.RouteConfiguration")
  }

  @Test(arguments: GoldenCase.all(with: "listeners.json"))
  func listenersAreIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "listeners.json", in: ListenerCompiler(model).listeners, for: golden.proxy(in: model),
      type: "envoy.config.listener.v3.Listener")
  }

  /// Whole but for their connection managers.
  @Test(arguments: GoldenCase.all(with: "chains.json"))
  func filterChainsAreIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "chains.json", in: ListenerCompiler(model).listeners, for: golden.proxy(in: model),
      type: "envoy.config.listener.v3.Listener", of: chainOutline)
  }

  @Test(arguments: GoldenCase.all(with: "clusters.json"))
  func clustersAreIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "clusters.json", in: ClusterCompiler(model, gateways: .all).clusters,
      for: golden.proxy(in: model), type: "envoy.config.cluster.v3.Cluster")
  }

  @Test(arguments: GoldenCase.all(with: "endpoints.json"))
  func endpointsAreIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "endpoints.json", in: ClusterCompiler(model, gateways: .all).endpoints,
      for: golden.proxy(in: model), type: "envoy.config.endpoint.v3.ClusterLoadAssignment")
  }

  @Test(arguments: GoldenCase.all(with: "extensions.json"))
  func extensionsAreIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "extensions.json", in: ExtensionCompiler(model).extensions, for: golden.proxy(in: model),
      type: "envoy.config.core.v3.TypedExtensionConfig")
  }
}
