internal import Diagnostics
internal import Documents

extension EnvoyFilter: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      attachment: PolicyAttachment(&fields, selector: "workloadSelector", labels: "labels"),
      priority: fields.int("priority", .int32) ?? 0,
      patches: fields.many("configPatches") { Patch?(&$0) }.compactMap { $0 },
      referencedServices: ServiceReference.all(
        in: fields.reading.metadata.annotations["envoyfilter.istio.io/referenced-services"] ?? ""))
    fields.report(.envoyFilterIsInternal())
    checkOperations(&fields)
    if attachment.selector?.isEmpty == true {
      fields.report(.emptySelector(), at: "workloadSelector")
    }
  }
}

extension EnvoyFilter.ServiceReference {
  /// `host` or `namespace/host`, with commas between.
  fileprivate static func all(in text: String) -> [Self] {
    text.split(separator: ",").map { entry in
      let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2
        ? Self(namespace: String(parts[0]), host: String(parts[1])) : Self(host: String(entry))
    }
  }
}

extension EnvoyFilter.Patch? {
  /// Nil for one that is refused, and for one of waypoints, which istiod does not check either.
  init(_ fields: inout Fields) {
    let applyTo: EnvoyFilter.ApplyTo? = fields.choice("applyTo")
    let match: EnvoyFilter.Match? = fields.one("match")
    let isOfWaypoints = match?.context == .waypoint
    let change = fields.one("patch") {
      EnvoyFilter.Change(&$0, of: isOfWaypoints ? nil : applyTo)
    }
    guard !isOfWaypoints else {
      self = nil
      return
    }
    if let change { change.check(&fields) }
    if !fields.has("applyTo") { fields.report(.missing("applyTo")) }
    if !fields.has("patch") { fields.report(.missing("patch")) }
    guard let applyTo, let operation = change?.operation else {
      self = nil
      return
    }
    match?.check(&fields, applyTo)
    if operation == .merge, let type = change?.value.configType,
      let filter = match?.filterName(applyTo), !FilterNames.mayHave(type, filter)
    {
      fields.report(.mergeOfOtherType(type, into: filter), at: "patch", "value")
    }
    self = EnvoyFilter.Patch(
      applyTo: applyTo, match: match ?? EnvoyFilter.Match(),
      operation: applyTo.effective(operation), value: change?.value.bytes ?? [],
      valueName: change?.value.name ?? "", mentions: change?.value.mentions ?? .init())
  }
}

extension EnvoyFilter.ApplyTo {
  /// What has no position among others is added where the patch would insert it.
  fileprivate func effective(_ operation: EnvoyFilter.Operation) -> EnvoyFilter.Operation {
    switch (operation, self) {
    case (.insertBefore, .listenerFilter), (.insertBefore, .networkFilter),
      (.insertBefore, .httpFilter), (.insertBefore, .httpRoute), (.insertAfter, .listenerFilter),
      (.insertAfter, .networkFilter), (.insertAfter, .httpFilter), (.insertAfter, .httpRoute),
      (.insertFirst, .listenerFilter), (.insertFirst, .networkFilter), (.insertFirst, .httpFilter),
      (.insertFirst, .httpRoute):
      operation
    case (.insertBefore, _), (.insertAfter, _), (.insertFirst, _): .add
    case (.merge, _), (.mergeReplacingLists, _), (.add, _), (.remove, _), (.replace, _): operation
    }
  }
}

extension EnvoyFilter {
  /// The field `patch`.
  fileprivate struct Change {
    let operation: Operation?
    let value: PatchValue

    init(_ fields: inout Fields, of applyTo: ApplyTo?) {
      operation = fields.choice("operation")
      value = fields.value("value") { PatchValue($1, of: applyTo, $0) } ?? PatchValue()
      // Where an authorization filter stands among its kin; istiod reads it no more.
      let _: FilterClass? = fields.choice("filterClass")
    }

    func check(_ fields: inout Fields) {
      if !fields.isGiven("patch", "operation") { fields.report(.missing("operation"), at: "patch") }
      if let operation, operation != .remove, !fields.isPresent("patch", "value") {
        fields.report(.patchWithoutValue(operation.rawValue), at: "patch")
      }
    }
  }

  private enum FilterClass: String, CaseIterable {
    case unspecified = "UNSPECIFIED"
    case authn = "AUTHN"
    case authz = "AUTHZ"
    case stats = "STATS"
  }
}

// MARK: - Matches

extension EnvoyFilter.Match: FieldReadable {
  init(_ fields: inout Fields) {
    let listener: EnvoyFilter.ListenerMatch? = fields.one("listener")
    let routes: EnvoyFilter.RouteMatch? = fields.one("routeConfiguration")
    let cluster: EnvoyFilter.ClusterMatch? = fields.one("cluster")
    let waypoint: EnvoyFilter.ObjectMatch? = fields.one("waypoint") { fields in
      fields.readOfWaypoint()
      return .waypoint
    }
    self.init(
      context: fields.choice("context") ?? .any, proxy: fields.one("proxy"),
      object: listener.map { .listener($0) } ?? routes.map { .routes($0) }
        ?? cluster.map { .cluster($0) } ?? waypoint)
    let given = ["listener", "routeConfiguration", "cluster", "waypoint"].filter(fields.has)
    if given.count > 1 { fields.report(.exclusive(given)) }
  }

  /// The filter that a merge goes into, where it is named.
  fileprivate func filterName(_ applyTo: EnvoyFilter.ApplyTo) -> String? {
    guard case .listener(let match)? = object, let filter = match.chain?.filter else { return nil }
    switch applyTo {
    case .networkFilter: return filter.name
    case .httpFilter: return filter.subFilter
    case .listener, .listenerFilter, .filterChain, .routeConfiguration, .virtualHost, .httpRoute,
      .cluster, .extensionConfig, .bootstrap:
      return nil
    }
  }

  /// Whether the match is about what the patch applies to.
  fileprivate func check(_ fields: inout Fields, _ applyTo: EnvoyFilter.ApplyTo) {
    switch (applyTo, object) {
    case (.listener, .listener(let match)), (.filterChain, .listener(let match)),
      (.networkFilter, .listener(let match)), (.httpFilter, .listener(let match)):
      match.check(&fields, applyTo)
    case (.listener, .some), (.filterChain, .some), (.networkFilter, .some), (.httpFilter, .some):
      fields.report(.matchOfOtherClass(applyTo.rawValue, needed: "listener"), at: "match")
    case (.routeConfiguration, .routes), (.virtualHost, .routes), (.httpRoute, .routes): break
    case (.routeConfiguration, .some), (.virtualHost, .some), (.httpRoute, .some):
      fields.report(
        .matchOfOtherClass(applyTo.rawValue, needed: "routeConfiguration"), at: "match")
    case (.cluster, .cluster): break
    case (.cluster, .some):
      fields.report(.matchOfOtherClass(applyTo.rawValue, needed: "cluster"), at: "match")
    case (.listenerFilter, _), (.extensionConfig, _), (.bootstrap, _), (_, nil): break
    }
  }
}

extension Fields {
  /// The fields of a match of waypoints, which nothing here is.
  fileprivate mutating func readOfWaypoint() {
    _ = int("portNumber", .uint32)
    _ = one("route") { $0.text("name") }
    let _: EnvoyFilter.FilterMatch? = one("filter")
  }
}

extension EnvoyFilter.ProxyMatch: FieldReadable {
  init(_ fields: inout Fields) {
    let expression = fields.string("proxyVersion") { text in
      if text.isEmpty { return nil }
      return text.utf8.count > 1024
        ? .longVersionExpression(length: text.utf8.count) : regexFinding(text)
    }
    self.init(
      version: expression.map { $0.utf8.count > 1024 ? .nothing : .expression($0) },
      metadata: fields.labels("metadata"))
  }
}

extension EnvoyFilter.ListenerMatch: FieldReadable {
  init(_ fields: inout Fields) {
    let portName = fields.text("portName")
    self.init(
      name: fields.text("name"), port: fields.int("portNumber", .uint32) ?? 0,
      listenerFilter: fields.text("listenerFilter"), chain: fields.one("filterChain"))
    if !portName.isEmpty { fields.report(.portNameOfListener(), at: "portName") }
  }

  fileprivate func check(_ fields: inout Fields, _ applyTo: EnvoyFilter.ApplyTo) {
    guard let filter = chain?.filter else { return }
    let path: [Reading.Step] = ["match", "listener", "filterChain", "filter"]
    func report(_ finding: Finding) {
      fields.report(finding, at: path[0], path[1], path[2], path[3])
    }
    if applyTo == .listener || applyTo == .filterChain {
      report(.filterMatchWithoutEffect(applyTo.rawValue))
    }
    guard !filter.name.isEmpty else { return report(.missing("name")) }
    if let subFilter = filter.subFilter {
      guard applyTo == .httpFilter else { return report(.subFilterOfOtherThanHTTP()) }
      guard FilterNames.connectionManager.contains(filter.name) else {
        return report(.subFilterOutsideHTTP(filter.name))
      }
      guard !subFilter.isEmpty else { return report(.missing("subFilter.name")) }
    }
    for name in [filter.name, filter.subFilter ?? ""] {
      if let canonical = FilterNames.canonical[name] {
        report(.deprecatedFilterName(name, canonical: canonical))
      }
    }
  }
}

extension EnvoyFilter.ChainMatch: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.text("name"), serverName: fields.text("sni"),
      transportProtocol: fields.text("transportProtocol"),
      applicationProtocols: (fields.string("applicationProtocols") ?? "")
        .split(separator: ",", omittingEmptySubsequences: false).map(String.init),
      destinationPort: fields.int("destinationPort", .uint32) ?? 0, filter: fields.one("filter"))
    if applicationProtocols == [""] { applicationProtocols = [] }
  }
}

extension EnvoyFilter.FilterMatch: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(name: fields.text("name"), subFilter: fields.one("subFilter") { $0.text("name") })
  }
}

extension EnvoyFilter.RouteMatch: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.text("name"), port: fields.int("portNumber", .uint32) ?? 0,
      portName: fields.text("portName"), gateway: fields.text("gateway"),
      virtualHost: fields.one("vhost"))
  }
}

extension EnvoyFilter.VirtualHostMatch: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.text("name"), domain: fields.text("domainName"), route: fields.one("route"))
  }
}

extension EnvoyFilter.HTTPRouteMatch: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(name: fields.text("name"), action: fields.choice("action") ?? .any)
  }
}

extension EnvoyFilter.ClusterMatch: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.text("name"), service: fields.text("service"), subset: fields.text("subset"),
      port: fields.int("portNumber", .uint32) ?? 0)
  }
}
