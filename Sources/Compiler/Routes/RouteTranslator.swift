internal import EnvoyAPI
internal import Mesh
internal import Resources
internal import Segments
internal import Store

/// Translates the HTTP rules of one VirtualService into the routes of one Gateway's virtual hosts
/// (istiod's `BuildHTTPRoutesForVirtualService`).
struct RouteTranslator {
  let key: RouteListKey
  let server: AskedServer
  let model: MeshModel
  let settings: RouteSettings
  private let forms: MessageForms<PlainRoute.Kind>
  private let targets = KnownTargets()

  init(
    _ key: RouteListKey, _ model: MeshModel, _ settings: RouteSettings,
    forms: MessageForms<PlainRoute.Kind>
  ) {
    self.key = key
    self.model = model
    self.settings = settings
    self.forms = forms
    server = AskedServer(key.server)
  }

  /// A rule and those of its matches that routes are made for.
  private struct Choice {
    let rule: HTTPRule
    /// Where they stand in the rule; nil for a rule that is for every request.
    let matches: [Int]?
  }

  func list(of rules: [HTTPRule]) -> RouteList {
    let (ordinary, catchAll) = choices(rules)
    var named: [ClusterName] = []
    for choice in ordinary { addReferences(of: choice.rule.action, to: &named) }
    if let catchAll { addReferences(of: catchAll.rule.action, to: &named) }
    guard key.server != nil || !server.wasAsked else { return .ofEachServer }
    let (first, last) = (encoded(ordinary), catchAll.flatMap { encoded([$0]) })
    // Asked by no server in particular, it cannot say what depends on the server.
    guard key.server != nil || !server.wasAsked else { return .ofEachServer }
    let reach: RouteList.Reach =
      first == nil && last == nil ? .none : key.server == nil ? .everyServer : .server
    return RouteList(
      reach: reach, ordinary: first, catchAll: last,
      references: named.count > 1 ? Set(named).sorted() : named)
  }

  /// What is behind a match that fits everything would never be reached, and is dropped.
  private func choices(_ rules: [HTTPRule]) -> (ordinary: [Choice], catchAll: Choice?) {
    var ordinary: [Choice] = []
    for rule in rules {
      let all = rule.matches
      if all.isEmpty { return (ordinary, Choice(rule: rule, matches: nil)) }
      var before: [Int] = []
      var last: Int?
      for place in all.indices where applies(all, place) {
        if all[place].uri.takesEveryPath, all[place].fitsEverything {
          last = place
          break
        }
        before.append(place)
      }
      if !before.isEmpty { ordinary.append(Choice(rule: rule, matches: before)) }
      if let last { return (ordinary, Choice(rule: rule, matches: [last])) }
    }
    return (ordinary, nil)
  }

  /// The match can fit requests at this gateway, as far as port, gateways and source say. A match
  /// that names gateways is not asked about its source.
  private func applies(_ matches: [HTTPMatchRequest], _ place: Int) -> Bool {
    if let port = matches[place].port, port != server.port { return false }
    let gateways = matches[place].gateways
    if !gateways.isEmpty {
      return gateways.contains(
        .gateway(namespace: key.gateway.namespace, name: key.gateway.name))
    }
    let labels = matches[place].sourceLabels
    guard labels.isEmpty || labels.allSatisfy({ key.proxies.traits.labels[$0.key] == $0.value })
    else { return false }
    return matches[place].sourceNamespace.map { $0 == key.proxies.traits.namespace } ?? true
  }

  /// The routes, encoded as the routes of a virtual host that has nothing else.
  private func encoded(_ choices: [Choice]) -> Segment? {
    guard !choices.isEmpty else { return nil }
    return Envoy.segment {
      Envoy.VirtualHost(
        routes: choices.count == 1
          ? routes(of: choices[0]) : choices.flatMap { routes(of: $0) })
    }
  }

  private func routes(of choice: Choice) -> [Envoy.Route] {
    plainRoutes(of: choice) ?? routes(of: choice, metadata)
  }

  private var metadata: Envoy.Metadata {
    Envoy.Metadata { $0.add("istio") { $0.add("config", configPath) } }
  }

  /// Nil where the rule says more than which paths go where.
  private func plainRoutes(of choice: Choice) -> [Envoy.Route]? {
    guard !key.isOverQUIC, let positions = choice.matches, choice.rule.isPlain,
      case .forward(let forwarding) = choice.rule.action,
      case let target = target(forwarding.destinations[0].destination), !target.mayHaveRules,
      var plain = PlainRoute(settings, from: key.virtualService, to: target.cluster)
    else { return nil }
    let matches = choice.rule.matches
    guard positions.allSatisfy({ matches.isOfPathOnly(at: $0) }) else { return nil }
    var routes: [Envoy.Route] = []
    routes.reserveCapacity(positions.count)
    for place in positions {
      plain.take(matches[place].uri)
      let form = forms.form(of: plain.kind, plain.texts) { encoded(plain.kind, $0) }
      if let form, plain.takesPathAsItIs {
        routes.append(Envoy.Route(form, plain.texts))
      } else {
        routes += self.routes(of: Choice(rule: choice.rule, matches: [place]), metadata)
      }
    }
    return routes
  }

  /// The route of a kind with other names.
  private func encoded(_ kind: PlainRoute.Kind, _ texts: [String]) -> [UInt8] {
    guard let rule = PlainRoute.rule(kind, texts) else {
      preconditionFailure("a plain rule does not delegate")
    }
    let key = RouteListKey(
      proxies: key.proxies, gateway: key.gateway,
      virtualService: PlainRoute.virtualService(texts), isOverQUIC: false, server: key.server)
    let translator = RouteTranslator(key, model, settings, forms: forms)
    translator.targets.add(
      Target(
        PlainRoute.destination(kind, texts), PlainRoute.cluster(kind, texts),
        mayHaveRules: false))
    return Envoy.encode {
      translator.routes(of: Choice(rule: rule, matches: [0]), translator.metadata)[0]
    }
  }

  /// An Envoy that is sent nothing it would refuse, where istiod's own proxies get what istiod sends.
  private var isStock: Bool { key.proxies.traits.istioVersion == nil }

  /// A route a match. They share what the rule says, which is built once.
  private func routes(of choice: Choice, _ metadata: Envoy.Metadata) -> [Envoy.Route] {
    let rule = choice.rule
    let headers = HeaderMutations(rule.headers).joined(with: destinationHeaders(of: rule.action))
    let action = action(of: rule)
    let filters = filterConfigs(of: rule)
    let goal = goal(of: rule.action)
    func route(
      name: String?, _ match: Envoy.RouteMatch, operation: String, statPrefix: String?
    ) -> Envoy.Route {
      Envoy.Route(
        name: nonEmpty(name).map { "\(rule.name ?? "").\($0)" } ?? rule.name ?? "",
        match: match, action: action, metadata: metadata,
        decorator: Envoy.Decorator(operation: operation),
        typedPerFilterConfig: filters,
        requestHeadersToAdd: headers.requestAdditions,
        requestHeadersToRemove: headers.requestRemovals,
        responseHeadersToAdd: key.isOverQUIC
          ? headers.responseAdditions + [alternative] : headers.responseAdditions,
        responseHeadersToRemove: headers.responseRemovals,
        statPrefix: statPrefix ?? "")
    }
    guard let positions = choice.matches else {
      let everything = Envoy.RouteMatch(pathSpecifier: .prefix("/"))
      return [route(name: nil, everything, operation: operation(goal, nil), statPrefix: nil)]
    }
    let matches = rule.matches
    var routes: [Envoy.Route] = []
    routes.reserveCapacity(positions.count)
    for place in positions {
      routes.append(
        route(
          name: matches[place].name, envoyMatch(matches[place], isStock: isStock),
          operation: operation(goal, matches[place].uri), statPrefix: matches[place].statPrefix))
    }
    return routes
  }

  /// RFC 7838: the same host answers HTTP/3 on this port, which holds for a day.
  private var alternative: Envoy.HeaderValueOption {
    .init(header: .init(key: "alt-svc", value: "h3=\":\(server.port)\"; ma=86400"))
  }

  /// Where the VirtualService is found in an API server, in the one version istiod says whatever
  /// version the object was written in.
  private var configPath: String {
    let id = key.virtualService
    return .written {
      $0.add("/apis/networking.istio.io/v1/namespaces/")
      $0.add(id.namespace)
      $0.add("/virtual-service/")
      $0.add(id.name)
    }
  }

  private func action(of rule: HTTPRule) -> Envoy.Route.Action? {
    switch rule.action {
    case .forward(let forwarding): .route(routeAction(forwarding, rule.headers))
    case .redirect(let redirect):
      redirectAction(redirect).map { .redirect($0) }
        ?? (isStock ? .directResponse(.init(status: 500)) : nil)
    case .respond(let response): .directResponse(directResponse(response))
    }
  }

  /// How traces name the routes of a rule, before the path: by where they go if that is one place, else
  /// by the VirtualService.
  private func goal(of action: HTTPRule.Action) -> (host: String, port: Int) {
    if case .forward(let forwarding) = action, forwarding.destinations.count == 1,
      case .outbound(let port, _, let host) = cluster(of: forwarding.destinations[0].destination)
    {
      return (host, port)
    }
    return (key.virtualService.name, server.port)
  }

  private func operation(_ goal: (host: String, port: Int), _ uri: StringMatch?) -> String {
    let path = path(of: uri)
    return .written {
      $0.add(goal.host)
      $0.add(":")
      $0.add(goal.port)
      $0.add(path.text)
      if path.isPrefix { $0.add("*") }
    }
  }

  private func path(of uri: StringMatch?) -> (text: String, isPrefix: Bool) {
    switch uri {
    case nil, .present: ("/", true)
    case .exact(let path): (path, false)
    case .prefix(let prefix): (prefix, true)
    case .regex(let regex): (regex, false)
    }
  }
}

// MARK: - Destinations

extension RouteTranslator {
  /// The cluster of a destination. Without a port it is the service's only one, else the server's own;
  /// whether there is such a cluster is not asked.
  func cluster(of destination: Destination) -> ClusterName { target(destination).cluster }

  private func target(_ destination: Destination) -> Target {
    if let known = targets.known(destination) { return known }
    let target = lookedUp(destination)
    targets.add(target)
    return target
  }

  private func lookedUp(_ destination: Destination) -> Target {
    // Only a route from the Gateway API can come without a host: its backend is invalid.
    guard !destination.host.isEmpty else {
      return Target(destination, .fixed("UnknownService"), mayHaveRules: false)
    }
    let service = model.services.service(
      destination.host, visibleTo: key.proxies.traits.namespace,
      preferring: key.virtualService.namespace)
    return Target(
      destination, .outbound(to: destination, service, port: server.port),
      mayHaveRules: service?.mayHaveRules ?? false)
  }

  /// The hash that the destination's DestinationRule balances by.
  func consistentHash(of destination: Destination) -> LoadBalancerSettings.ConsistentHash? {
    guard target(destination).mayHaveRules,
      let service = model.services.service(
        destination.host, visibleTo: key.proxies.traits.namespace)
    else { return nil }
    return model.rules.rule(for: service, seenBy: key.proxies)?
      .consistentHash(port: destination.port, subset: destination.subset)
  }

  /// The one destination's headers are the route's; with several each has its own.
  private func destinationHeaders(of action: HTTPRule.Action) -> HeaderMutations {
    guard case .forward(let forwarding) = action, forwarding.destinations.count == 1 else {
      return HeaderMutations(nil)
    }
    return HeaderMutations(forwarding.destinations[0].headers)
  }

  private func addReferences(of action: HTTPRule.Action, to named: inout [ClusterName]) {
    guard case .forward(let forwarding) = action else { return }
    for share in forwarding.sharing { named.append(cluster(of: share.destination)) }
    for mirror in forwarding.mirrors { named.append(cluster(of: mirror.destination)) }
  }
}

/// A destination that was looked up.
private final class Target {
  let destination: Destination
  let cluster: ClusterName
  let mayHaveRules: Bool

  init(_ destination: Destination, _ cluster: ClusterName, mayHaveRules: Bool) {
    self.destination = destination
    self.cluster = cluster
    self.mayHaveRules = mayHaveRules
  }
}

/// The destinations that were looked up for a list: most lists name one or two, several times.
private final class KnownTargets {
  /// Mostly the only one.
  private var first: Target?
  private var others: [Target] = []

  func known(_ destination: Destination) -> Target? {
    if let first, first.destination == destination { return first }
    return others.first { $0.destination == destination }
  }

  /// A long list is searched no longer than looking things up takes.
  func add(_ target: Target) {
    if first == nil {
      first = target
    } else if others.count < 8 {
      others.append(target)
    }
  }
}

extension HTTPRule.Forwarding {
  /// The destinations that get requests: of several, those with a weight.
  var sharing: [HTTPRouteDestination] {
    destinations.count == 1 ? destinations : destinations.filter { $0.weight > 0 }
  }
}

/// The server that a list of routes is asked for by. It remembers whether anything depended on it.
final class AskedServer {
  private let server: RouteListKey.Server?
  private(set) var wasAsked = false

  init(_ server: RouteListKey.Server?) { self.server = server }

  var port: Int {
    wasAsked = true
    return server?.port ?? 0
  }
  var isTLS: Bool {
    wasAsked = true
    return server?.isTLS ?? false
  }
}
