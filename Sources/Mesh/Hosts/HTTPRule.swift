package import Resources

/// One rule for HTTP requests as it holds: delegates merged in, names of services complete. A class
/// that never changes, since all that makes a route's parts is given it.
package final class HTTPRule: Sendable {
  /// What of it does not depend on its action is as written.
  private let route: HTTPRoute
  package let action: Action

  package var name: String? { route.name }
  /// The rule is for a request that fits any of these; empty fits every request.
  package var matches: [HTTPMatchRequest] { route.matches }
  package var fault: HTTPFaultInjection? { route.fault }
  package var corsPolicy: CorsPolicy? { route.corsPolicy }
  /// A filter is to treat its requests in a way of their own.
  package var speaksToFilters: Bool { route.$corsPolicy.isSet || route.$fault.isSet }
  package var headers: Headers? { route.headers }
  /// It says nothing but which requests go to one service.
  package var isPlain: Bool { route.isPlain }

  /// Nil for a rule that delegates.
  package init?(_ route: consuming HTTPRoute) {
    switch route.action {
    case .delegate: return nil
    case .redirect(let redirect): action = .redirect(redirect)
    case .directResponse(let response): action = .respond(response)
    case .route(let destinations):
      action = .forward(
        Forwarding(
          destinations: destinations, rewrite: route.rewrite, timeout: route.timeout,
          retries: route.retries, mirrors: HTTPRule.mirrors(of: route)))
    }
    self.route = route
  }

  package enum Action: Hashable, Sendable {
    case forward(Forwarding)
    case redirect(HTTPRedirect)
    case respond(HTTPDirectResponse)
  }

  /// Requests that go to a service, and all that is said of the way there.
  package struct Forwarding: Hashable, Sendable {
    package let destinations: [HTTPRouteDestination]
    package let rewrite: HTTPRewrite?
    package let timeout: Duration?
    package let retries: HTTPRetry?
    package let mirrors: [Mirror]
  }

  /// A service that gets copies of a share of the requests, which is never none.
  package struct Mirror: Hashable, Sendable {
    package let destination: Destination
    package let share: Share

    package enum Share: Hashable, Sendable {
      case all
      /// Whole percent, as `mirrorPercent` says it.
      case percent(Int)
      case percentage(Double)
    }
  }
}

extension HTTPRule {
  private static func mirrors(of route: HTTPRoute) -> [Mirror] {
    let first = route.mirror.flatMap { mirror in
      share(percentage: route.mirrorPercentage, percent: route.mirrorPercent).map {
        Mirror(destination: mirror, share: $0)
      }
    }
    return (first.map { [$0] } ?? [])
      + route.mirrors.compactMap { mirror in
        share(percentage: mirror.percentage, percent: nil).map {
          Mirror(destination: mirror.destination, share: $0)
        }
      }
  }

  /// Nil where no request is to be mirrored.
  private static func share(percentage: Double?, percent: Int?) -> Mirror.Share? {
    if let percentage { return percentage > 0 ? .percentage(percentage) : nil }
    if let percent { return percent > 0 ? .percent(percent) : nil }
    return .all
  }
}

extension HTTPRoute {
  /// The route with the names of services completed as in `namespace`.
  func completed(in namespace: String, domain: String) -> HTTPRoute {
    var route = self
    route.complete(in: namespace, domain: domain)
    return route
  }

  mutating func complete(in namespace: String, domain: String) {
    if namesAreComplete { return }
    func complete(_ destination: inout Destination) {
      destination.host = ServiceHost.completed(destination.host, in: namespace, domain: domain)
    }
    if case .route(var destinations) = action {
      for index in destinations.indices { complete(&destinations[index].destination) }
      action = .route(destinations)
    }
    if var mirror {
      complete(&mirror)
      self.mirror = mirror
    }
    for index in mirrors.indices { complete(&mirrors[index].destination) }
  }

  private var namesAreComplete: Bool {
    if case .route(let destinations) = action,
      !destinations.allSatisfy({ ServiceHost.isComplete($0.destination.host) })
    {
      return false
    }
    return mirror.map { ServiceHost.isComplete($0.host) } ?? true
      && mirrors.allSatisfy { ServiceHost.isComplete($0.destination.host) }
  }
}
