/// Makes what answers a call.
package typealias Route = (Call) -> any Responder

/// What is served, by path: "/package.Service/Method".
package struct Routes {
  private let routes: [String: Route]
  private let services: Set<Substring>

  package init(_ routes: [String: Route]) {
    self.routes = routes
    services = Set(routes.keys.map { Routes.service(of: $0) })
  }

  func route(for path: String) throws(Request.Refusal) -> Route {
    if let route = routes[path] { return route }
    let service = Routes.service(of: path)
    guard services.contains(service) else {
      throw Request.Refusal(.unimplemented, "unknown service \(service)")
    }
    let method = path.dropFirst(service.count + 2)
    throw Request.Refusal(.unimplemented, "unknown method \(method) of service \(service)")
  }

  private static func service(of path: String) -> Substring {
    let name = path.drop { $0 == "/" }
    return name.lastIndex(of: "/").map { name[..<$0] } ?? name
  }
}
