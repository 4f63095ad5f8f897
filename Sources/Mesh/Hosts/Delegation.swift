internal import Resources

/// How a route that delegates and the routes of its delegate become one (istiod's
/// `mergeVirtualServicesIfNeeded`): the delegate narrows what the root lets through, and what the
/// delegate leaves out the root fills in.
enum Delegation {
  /// The delegate's routes in the root's place. One whose matches fit into none of the root's is left
  /// out.
  static func merged(
    root: HTTPRoute, delegate: HTTPRoute.Delegate, routes: [HTTPRoute]
  ) -> [HTTPRoute] {
    routes.compactMap { route in
      guard let matches = matches(root: root.matches, leaf: route.matches) else { return nil }
      var merged = route
      merged.matches = matches
      merged.name = joined(root.name, route.name)
      if case .route = route.action, let response = delegate.directResponse {
        merged.action = .directResponse(response)
      }
      merged.rewrite = route.rewrite ?? root.rewrite
      merged.timeout = route.timeout ?? root.timeout
      merged.retries = route.retries ?? root.retries
      merged.fault = route.fault ?? root.fault
      merged.mirror = route.mirror ?? root.mirror
      merged.mirrorPercent = route.mirrorPercent ?? root.mirrorPercent
      merged.mirrorPercentage = route.mirrorPercentage ?? root.mirrorPercentage
      merged.mirrors = route.mirrors.isEmpty ? root.mirrors : route.mirrors
      merged.corsPolicy = route.corsPolicy ?? root.corsPolicy
      merged.headers = route.headers ?? root.headers
      return merged
    }
  }

  /// Nil where some match of the delegate conflicts with all of the root's.
  private static func matches(
    root: [HTTPMatchRequest], leaf: [HTTPMatchRequest]
  ) -> [HTTPMatchRequest]? {
    if root.isEmpty { return leaf }
    if leaf.isEmpty { return root }
    var merged: [HTTPMatchRequest] = []
    for match in leaf {
      let fitting = root.filter { !conflict($0, match) }
      if fitting.isEmpty { return nil }
      merged += fitting.map { self.merged(root: $0, leaf: match) }
    }
    return merged
  }

  private static func merged(root: HTTPMatchRequest, leaf: HTTPMatchRequest) -> HTTPMatchRequest {
    var merged = leaf
    merged.name = joined(root.name, leaf.name)
    merged.uri = leaf.uri ?? root.uri
    merged.scheme = leaf.scheme ?? root.scheme
    merged.method = leaf.method ?? root.method
    merged.authority = leaf.authority ?? root.authority
    merged.headers = united(root.headers, leaf.headers, by: \.key)
    merged.withoutHeaders = united(root.withoutHeaders, leaf.withoutHeaders, by: \.key)
    merged.queryParams = united(root.queryParams, leaf.queryParams, by: \.name)
    merged.port = leaf.port ?? root.port
    merged.sourceLabels = root.sourceLabels.merging(leaf.sourceLabels) { _, leaf in leaf }
    merged.sourceNamespace = leaf.sourceNamespace ?? root.sourceNamespace
    merged.gateways = leaf.gateways.isEmpty ? root.gateways : leaf.gateways
    merged.statPrefix = leaf.statPrefix ?? root.statPrefix
    return merged
  }

  /// Both, by key; the leaf's where both have the key.
  private static func united<Element>(
    _ root: [Element], _ leaf: [Element], by key: (Element) -> String
  ) -> [Element] {
    let taken = Set(leaf.map(key))
    return (root.filter { !taken.contains(key($0)) } + leaf).sorted { key($0) < key($1) }
  }

  private static func joined(_ root: String?, _ leaf: String?) -> String? {
    let names = [root, leaf].compactMap { $0 }.filter { !$0.isEmpty }
    return names.isEmpty ? nil : names.joined(separator: "-")
  }
}

// MARK: - Conflicts

extension Delegation {
  /// No request fits both, as far as istiod looks.
  private static func conflict(_ root: HTTPMatchRequest, _ leaf: HTTPMatchRequest) -> Bool {
    conflict(root.uri, leaf.uri) || conflict(root.scheme, leaf.scheme)
      || conflict(root.method, leaf.method) || conflict(root.authority, leaf.authority)
      || conflict(root.headers, leaf.headers) || conflict(root.withoutHeaders, leaf.withoutHeaders)
      || leaf.queryParams.contains { parameter in
        conflict(
          root.queryParams.first { $0.name == parameter.name }?.value, parameter.value)
      }
      || root.ignoreUriCase != leaf.ignoreUriCase
      || (root.port != nil && leaf.port != nil && root.port != leaf.port)
      || sourcesConflict(root, leaf)
  }

  private static func sourcesConflict(_ root: HTTPMatchRequest, _ leaf: HTTPMatchRequest) -> Bool {
    if let namespace = root.sourceNamespace, namespace != leaf.sourceNamespace { return true }
    if leaf.sourceLabels.contains(where: {
      root.sourceLabels[$0.key, default: $0.value] != $0.value
    }) {
      return true
    }
    return !root.gateways.isEmpty && !leaf.gateways.isEmpty
      && (root.gateways.count < leaf.gateways.count
        || !Set(root.gateways).isSuperset(of: leaf.gateways))
  }

  private static func conflict(_ root: [HeaderMatch], _ leaf: [HeaderMatch]) -> Bool {
    leaf.contains { header in
      conflict(root.first { $0.key == header.key }?.match, header.match)
    }
  }

  /// An empty match conflicts with every match; a regex with every other that says something.
  private static func conflict(_ root: StringMatch?, _ leaf: StringMatch?) -> Bool {
    guard let root, let leaf else { return false }
    switch (root, leaf) {
    case (.exact(let whole), .exact(let other)): return whole.isEmpty || whole != other
    case (.prefix(let start), .exact(let other)), (.prefix(let start), .prefix(let other)):
      return start.isEmpty || other.isEmpty || !other.hasPrefix(start)
    case (.exact, .prefix), (.regex, _), (_, .regex), (.present, _), (_, .present): return true
    }
  }
}
