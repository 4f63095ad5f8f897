import Compiler
import Testing

/// What istiod sends for the same mesh and proxy.
@Suite struct GoldenTests {
  @Test(arguments: GoldenCase.all(with: "routes.json"))
  func routesAreIstiods(_ golden: GoldenCase) throws {
    let model = try golden.model()
    try golden.expect(
      "routes.json", in: RouteCompiler(model).routes, for: golden.proxy(in: model),
      type: "envoy.config.route.v3.RouteConfiguration")
  }
}
