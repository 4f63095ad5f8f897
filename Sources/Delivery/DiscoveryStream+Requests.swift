/// The name that subscribes to all there is, for clusters and listeners.
private let wildcard = "*"

extension DiscoveryStream {
  /// A state-of-the-world request says all names wanted. With a stale nonce it is ignored: the
  /// client sends another one for the response that made it stale (xDS "Resource updates").
  func receive(_ request: DiscoveryRequest) {
    guard let type = knownType(request.typeURL) else { return }
    var isAnew = request.nonce.isEmpty
    if subscriptions[type.rawValue] == nil {
      subscriptions[type.rawValue] = Subscription(type: type)
      isAnew = true
    }
    receive(request.rejection, of: type) {
      $0.receive(request, isAnew ? .anew : .inReply, limits: limits)
    }
  }

  /// A delta request adds and takes away names, whatever its nonce (xDS "Incremental xDS").
  func receive(_ request: DeltaDiscoveryRequest) {
    guard let type = knownType(request.typeURL) else { return }
    guard subscriptions[type.rawValue] == nil else {
      receive(request.rejection, of: type) { $0.receive(request, limits: limits) }
      return
    }
    subscriptions[type.rawValue] = Subscription(type: type, first: request, limits: limits)
    if !request.initialVersions.isEmpty { order.clientCameBack() }
    if type == .endpoints { oweEndpointsOfSentClusters() }
  }

  /// Clusters sent on this stream before their endpoints were asked for are warming, so the versions
  /// that the client has of those will not do.
  private func oweEndpointsOfSentClusters() {
    let endpoints = ResourceType.endpoints.rawValue
    for name in subscriptions[endpoints]?.names ?? [] {
      guard case .resource = subscriptions[ResourceType.cluster.rawValue]?.held[name] else {
        continue
      }
      subscriptions[endpoints]?.owed.insert(name)
    }
  }
}

extension Subscription {
  enum Standing {
    /// The client has seen no response yet, or acts as if.
    case anew
    case inReply
  }

  fileprivate mutating func receive(
    _ request: DiscoveryRequest, _ standing: Standing, limits: DeliveryLimits
  ) {
    switch standing {
    case .inReply:
      let isStale = nonce != nil && nonce != request.nonce
      receive(answerTo: request.nonce, rejection: request.rejection)
      if isStale { return noteDropped(request.names) }
    case .anew: break
    }
    record.refusedNames += request.refusedNames
    if !isSame(request.names) { replaceNames(request.names, limits: limits) }
    owed.formUnion(dropped.intersection(names))
    dropped = []
    if standing == .anew || hasDroppedAll {
      owed.formUnion(names)
      owesAnswer = isWildcard
      hasDroppedAll = false
    }
  }

  /// A stale request changes nothing, but a client that unsubscribed in it and asks again in the next
  /// one has thrown away what it had in between.
  private mutating func noteDropped(_ requested: [String]) {
    dropped.formUnion(names.subtracting(requested))
    if isWildcard, !wantsAll(requested) { hasDroppedAll = true }
  }

  /// Nearly every request is an answer that repeats the names.
  private func isSame(_ requested: [String]) -> Bool {
    !isWildcard && !names.isEmpty && requested.count == names.count
      && requested.allSatisfy(names.contains)
  }

  private func wantsAll(_ requested: [String]) -> Bool {
    type.isRoot && (requested.contains(wildcard) || (requested.isEmpty && !hasNamed))
  }

  private mutating func replaceNames(_ requested: [String], limits: DeliveryLimits) {
    let wantsAll = wantsAll(requested)
    var wanted = Set(requested)
    wanted.remove(wildcard)
    if !requested.isEmpty { hasNamed = true }
    if isWildcard, !wantsAll {
      names.formIntersection(wanted)
      endWildcard()
    }
    for name in names.subtracting(wanted) { unsubscribe(from: name) }
    for name in wanted.subtracting(names) { subscribe(to: name, limits: limits) }
    if wantsAll, !isWildcard { startWildcard() }
  }
}

extension Subscription {
  /// The first request of a type in delta mode, which may bring what an earlier stream left.
  fileprivate init(type: ResourceType, first request: DeltaDiscoveryRequest, limits: DeliveryLimits)
  {
    self.init(type: type)
    record.refusedNames += request.refusedNames
    let isImplied = request.subscribe.isEmpty && request.unsubscribe.isEmpty
    if type.isRoot, isImplied || request.subscribe.contains(wildcard) { startWildcard() }
    for name in request.subscribe where name != wildcard {
      subscribe(to: name, limits: limits)
    }
    for (name, version) in request.initialVersions where wants(name) {
      held[name] = .version(version)
      // What the client has is compared, not asked for.
      owed.remove(name)
    }
  }

  fileprivate mutating func receive(_ request: DeltaDiscoveryRequest, limits: DeliveryLimits) {
    record.refusedNames += request.refusedNames
    if !request.nonce.isEmpty { receive(answerTo: request.nonce, rejection: request.rejection) }
    for name in request.unsubscribe {
      if name == wildcard, type.isRoot {
        endWildcard()
      } else if isWildcard, names.remove(name) != nil {
        // The client cannot know whether "*" still covers the name, so it is told.
        owed.insert(name)
      } else {
        unsubscribe(from: name)
      }
    }
    for name in request.subscribe {
      if name != wildcard {
        subscribe(to: name, limits: limits)
      } else if isWildcard {
        owesAll = true
      } else if type.isRoot {
        startWildcard()
      }
    }
  }
}
